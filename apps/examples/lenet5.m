% The backward pass of LeNet-5 by hand. Change it, run it, and see what xgrad says:
%
%   octave-cli backward.m
%   xgrad compare lenet5 --weights weights.npz --data batch.npz --gradients gradients.mat
%
% C1 and C3 are x * W + b by cross-correlation, tanh, and the largest of each 2x2 block; C5, F6 and F7 are full. C3 reads
% the maps of the paper's table: elsewhere its weights are 0 and stay 0. E = 1/N sum_n -ln softmax(z_n)[label_n].
1;
load example.txt   % x, labels, c1_weight, c1_bias, ...
n = numel(labels);
x1 = permute(reshape(x', 32, 32, 1, n), [4 3 2 1]);   % (n, 1, 32, 32): the rows come one after the other

% u(n, o) = sum over i of x(n, i) * k(o, i), where the kernel fits, and b(o)
function u = correlate(x, k, b)
  u = zeros(size(x, 1), size(k, 1), size(x, 3) - size(k, 3) + 1, size(x, 4) - size(k, 4) + 1);
  for s = 1:size(x, 1)
    for o = 1:size(k, 1)
      map = b(o) * ones(size(u, 3), size(u, 4));
      for i = 1:size(k, 2)
        map += conv2(squeeze(x(s, i, :, :)), rot90(squeeze(k(o, i, :, :)), 2), 'valid');
      end
      u(s, o, :, :) = map;
    end
  end
end

% dE/dk(o, i) = sum over n of x(n, i) * d(n, o), and dE/dx(n, i) = sum over o of d(n, o) with k(o, i), full
function [of_k, of_x] = of_convolution(x, k, d)
  of_k = zeros(size(k));
  of_x = zeros(size(x));
  for s = 1:size(x, 1)
    for o = 1:size(k, 1)
      delta = reshape(d(s, o, :, :), size(d, 3), size(d, 4));
      for i = 1:size(k, 2)
        of_k(o, i, :, :) += reshape(conv2(squeeze(x(s, i, :, :)), rot90(delta, 2), 'valid'), 1, 1, size(k, 3), []);
        of_x(s, i, :, :) += reshape(conv2(delta, squeeze(k(o, i, :, :)), 'full'), 1, 1, size(x, 3), []);
      end
    end
  end
end

function y = pool(x)
  y = max(max(x(:, :, 1:2:end, 1:2:end), x(:, :, 2:2:end, 1:2:end)), ...
          max(x(:, :, 1:2:end, 2:2:end), x(:, :, 2:2:end, 2:2:end)));
end

% Each d goes to the largest element of its block; to the first one if there are several, as in the background.
function dx = unpool(d, x)
  dx = zeros(size(x));
  is_given = false(size(d));
  for i = 1:2
    for j = 1:2
      takes = (x(:, :, i:2:end, j:2:end) == pool(x)) & ~is_given;
      dx(:, :, i:2:end, j:2:end) = d .* takes;
      is_given |= takes;
    end
  end
end

function b = sums(d)
  b = reshape(sum(sum(sum(d, 1), 3), 4), 1, []);
end

u1 = correlate(x1, c1_weight, c1_bias);
y1 = tanh(u1);
x3 = pool(y1);
u3 = correlate(x3, c3_weight, c3_bias);
y3 = tanh(u3);
x5 = pool(y3);
u5 = correlate(x5, c5_weight, c5_bias);
x6 = reshape(tanh(u5), n, 120);
u6 = x6 * f6_weight' + f6_bias;
x7 = tanh(u6);
z = x7 * f7_weight' + f7_bias;
y = exp(z - max(z, [], 2));
y = y ./ sum(y, 2);
t = zeros(n, 10);
t(sub2ind(size(t), (1:n)', labels(:) + 1)) = 1;

% The sensitivities d = dE/du, last layer first.
d7 = (y - t) / n;
d6 = (1 - x7 .^ 2) .* (d7 * f7_weight);
d5 = (1 - tanh(u5) .^ 2) .* reshape(d6 * f6_weight, size(u5, 1), 120, 1, 1);
[gradient.c5_weight, dx5] = of_convolution(x5, c5_weight, d5);
d3 = (1 - y3 .^ 2) .* unpool(dx5, y3);
[c3_all, dx3] = of_convolution(x3, c3_weight, d3);
d1 = (1 - y1 .^ 2) .* unpool(dx3, y1);
[gradient.c1_weight, dx1] = of_convolution(x1, c1_weight, d1);

gradient.f7_weight = d7' * x7;
gradient.f7_bias = sum(d7, 1);
gradient.f6_weight = d6' * x6;
gradient.f6_bias = sum(d6, 1);
gradient.c5_bias = sums(d5);
gradient.c3_weight = c3_all .* (c3_weight ~= 0);
gradient.c3_bias = sums(d3);
gradient.c1_bias = sums(d1);
gradient.f7_u = d7;   % these may be left out
gradient.f6_u = d6;
gradient.c5_u = d5;
gradient.c3_u = d3;
gradient.c1_u = d1;
save("-v7", "gradients.mat", "-struct", "gradient");
