# The backward pass of a perceptron by hand. Change it, run it, and see what xgrad says:
#
#   python3 backward.py
#   xgrad compare mlp --weights weights.npz --data batch.npz --gradients gradients.npz
#
# E = 1/N sum_n 1/2 |y_n - t_n|^2. A layer is u = x W' + b and y = f(u), with f(u) = 1.7159 tanh(2u/3).
import numpy as np

w = np.load("weights.npz")
batch = np.load("batch.npz")
x1, labels = batch["x"], batch["labels"]
n = len(labels)


def f(u):
    return 1.7159 * np.tanh(2 * u / 3)


def slope(u):
    return 1.7159 * 2 / 3 * (1 - np.tanh(2 * u / 3) ** 2)


u1 = x1 @ w["layer1.weight"].T + w["layer1.bias"]
x2 = f(u1)
u2 = x2 @ w["layer2.weight"].T + w["layer2.bias"]
x3 = f(u2)
u3 = x3 @ w["layer3.weight"].T + w["layer3.bias"]
y = f(u3)
t = np.full((n, 10), -1.0)
t[np.arange(n), labels] = 1

# The sensitivities d = dE/du, last layer first.
d3 = slope(u3) * (y - t) / n
d2 = slope(u2) * (d3 @ w["layer3.weight"])
d1 = slope(u1) * (d2 @ w["layer2.weight"])

gradients = {
    "layer1.weight": d1.T @ x1, "layer1.bias": d1.sum(axis=0),
    "layer2.weight": d2.T @ x2, "layer2.bias": d2.sum(axis=0),
    "layer3.weight": d3.T @ x3, "layer3.bias": d3.sum(axis=0),
    "layer1.u": d1, "layer2.u": d2, "layer3.u": d3,  # these may be left out
}
np.savez("gradients.npz", **gradients)
