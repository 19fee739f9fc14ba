% The backward pass of a perceptron by hand. Change it, run it, and see what xgrad says:
%
%   octave-cli backward.m
%   xgrad compare mlp --weights weights.npz --data batch.npz --gradients gradients.mat
%
% E = 1/N sum_n 1/2 |y_n - t_n|^2. A layer is u = x W' + b and y = f(u), with f(u) = 1.7159 tanh(2u/3).
1;
load example.txt   % x, labels, layer1_weight, layer1_bias, ...
n = numel(labels);

function y = f(u)
  y = 1.7159 * tanh(2 * u / 3);
end

function s = slope(u)
  s = 1.7159 * 2 / 3 * (1 - tanh(2 * u / 3) .^ 2);
end

u1 = x * layer1_weight' + layer1_bias;
x2 = f(u1);
u2 = x2 * layer2_weight' + layer2_bias;
x3 = f(u2);
u3 = x3 * layer3_weight' + layer3_bias;
y = f(u3);
t = -ones(n, 10);
t(sub2ind(size(t), (1:n)', labels(:) + 1)) = 1;

% The sensitivities d = dE/du, last layer first.
d3 = slope(u3) .* (y - t) / n;
d2 = slope(u2) .* (d3 * layer3_weight);
d1 = slope(u1) .* (d2 * layer2_weight);

gradient.layer1_weight = d1' * x;
gradient.layer1_bias = sum(d1, 1);
gradient.layer2_weight = d2' * x2;
gradient.layer2_bias = sum(d2, 1);
gradient.layer3_weight = d3' * x3;
gradient.layer3_bias = sum(d3, 1);
gradient.layer1_u = d1;   % these may be left out
gradient.layer2_u = d2;
gradient.layer3_u = d3;
save("-v7", "gradients.mat", "-struct", "gradient");
