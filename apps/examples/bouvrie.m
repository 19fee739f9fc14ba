% The backward pass of Bouvrie's network by hand. Change it, run it, and see what xgrad says:
%
%   octave-cli backward.m
%   xgrad compare bouvrie --weights weights.npz --data batch.npz --gradients gradients.mat
%
% C1 and C3 are x = f(x * k + b) by true convolution, S2 and S4 x = f(beta down(x) + b), where down sums each 2x2 block,
% and F5 is y = s(W x + b), with f(u) = 1.7159 tanh(2u/3) and s(u) = 1 / (1 + e^-u). E = 1/N sum_n 1/2 |y_n - t_n|^2.
1;
load example.txt   % x, labels, c1_weight, c1_bias, ...
n = numel(labels);
x1 = permute(reshape(x', 28, 28, 1, n), [4 3 2 1]);   % (n, 1, 28, 28): the rows come one after the other

function y = f(u)
  y = 1.7159 * tanh(2 * u / 3);
end

function s = slope(u)
  s = 1.7159 * 2 / 3 * (1 - tanh(2 * u / 3) .^ 2);
end

% A map of a sample, or a kernel, as a matrix
function m = plane(x, a, b)
  m = reshape(x(a, b, :, :), size(x, 3), size(x, 4));
end

% u(n, j) = sum over i of x(n, i) * k(j, i), and b(j)
function u = convolve(x, k, b)
  u = zeros(size(x, 1), size(k, 1), size(x, 3) - size(k, 3) + 1, size(x, 4) - size(k, 4) + 1);
  for s = 1:size(x, 1)
    for j = 1:size(k, 1)
      u(s, j, :, :) = b(j);
      for i = 1:size(k, 2)
        u(s, j, :, :) += reshape(conv2(plane(x, s, i), plane(k, j, i), 'valid'), 1, 1, size(u, 3), []);
      end
    end
  end
end

function [of_k, of_x] = of_convolution(x, k, d)
  of_k = zeros(size(k));
  of_x = zeros(size(x));
  for s = 1:size(x, 1)
    for j = 1:size(k, 1)
      delta = plane(d, s, j);
      for i = 1:size(k, 2)
        of_k(j, i, :, :) += reshape(rot90(conv2(plane(x, s, i), rot90(delta, 2), 'valid'), 2), 1, 1, size(k, 3), []);
        of_x(s, i, :, :) += reshape(conv2(delta, rot90(plane(k, j, i), 2), 'full'), 1, 1, size(x, 3), []);
      end
    end
  end
end

function y = down(x)
  y = x(:, :, 1:2:end, 1:2:end) + x(:, :, 2:2:end, 1:2:end) + x(:, :, 1:2:end, 2:2:end) + x(:, :, 2:2:end, 2:2:end);
end

function y = up(d)
  y = d(:, :, ceil((1:2 * size(d, 3)) / 2), ceil((1:2 * size(d, 4)) / 2));
end

% A number for each map
function y = of_maps(b)
  y = reshape(b, 1, []);
end

function b = sums(d)
  b = reshape(sum(sum(sum(d, 1), 3), 4), 1, []);
end

u1 = convolve(x1, c1_weight, c1_bias);
x2 = f(u1);
u2 = of_maps(s2_beta) .* down(x2) + of_maps(s2_bias);
x3 = f(u2);
u3 = convolve(x3, c3_weight, c3_bias);
x4 = f(u3);
u4 = of_maps(s4_beta) .* down(x4) + of_maps(s4_bias);
x5 = reshape(permute(f(u4), [1 4 3 2]), n, []);   % row by row, map by map
u5 = x5 * f5_weight' + f5_bias;
y = 1 ./ (1 + exp(-u5));
t = zeros(n, 10);
t(sub2ind(size(t), (1:n)', labels(:) + 1)) = 1;

% The sensitivities d = dE/du, last layer first.
d5 = y .* (1 - y) .* (y - t) / n;
d4 = slope(u4) .* permute(reshape(d5 * f5_weight, n, size(u4, 4), size(u4, 3), size(u4, 2)), [1 4 3 2]);
d3 = slope(u3) .* of_maps(s4_beta) .* up(d4);
[gradient.c3_weight, dx3] = of_convolution(x3, c3_weight, d3);
d2 = slope(u2) .* dx3;
d1 = slope(u1) .* of_maps(s2_beta) .* up(d2);
[gradient.c1_weight, dx1] = of_convolution(x1, c1_weight, d1);

gradient.f5_weight = d5' * x5;
gradient.f5_bias = sum(d5, 1);
gradient.s4_beta = sums(d4 .* down(x4));
gradient.s4_bias = sums(d4);
gradient.c3_bias = sums(d3);
gradient.s2_beta = sums(d2 .* down(x2));
gradient.s2_bias = sums(d2);
gradient.c1_bias = sums(d1);
gradient.f5_u = d5;   % these may be left out
gradient.s4_u = d4;
gradient.c3_u = d3;
gradient.s2_u = d2;
gradient.c1_u = d1;
save("-v7", "gradients.mat", "-struct", "gradient");
