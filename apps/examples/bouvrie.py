# The backward pass of Bouvrie's network by hand. Change it, run it, and see what xgrad says:
#
#   python3 backward.py
#   xgrad compare bouvrie --weights weights.npz --data batch.npz --gradients gradients.npz
#
# C1 and C3 are x = f(x * k + b) by true convolution, S2 and S4 x = f(beta down(x) + b), where down sums each 2x2 block,
# and F5 is y = s(W x + b), with f(u) = 1.7159 tanh(2u/3) and s(u) = 1 / (1 + e^-u). E = 1/N sum_n 1/2 |y_n - t_n|^2.
import numpy as np

w = np.load("weights.npz")
batch = np.load("batch.npz")
labels = batch["labels"]
n = len(labels)
x1 = batch["x"].reshape(n, 1, 28, 28)


def f(u):
    return 1.7159 * np.tanh(2 * u / 3)


def slope(u):
    return 1.7159 * 2 / 3 * (1 - np.tanh(2 * u / 3) ** 2)


def rot180(k):
    return k[:, :, ::-1, ::-1]


def windows(x, height, width):
    return np.lib.stride_tricks.sliding_window_view(x, (height, width), axis=(2, 3))


def conv_valid(x, k):
    """u[n, j] = sum_i x[n, i] * k[j, i]."""
    return np.einsum("niuvab,jiab->njuv", windows(x, *k.shape[2:]), rot180(k))


def of_kernel(x, d):
    """dE/dk[j, i] = sum_n rot180(conv2(x[n, i], rot180(d[n, j]), valid))."""
    return rot180(np.einsum("niabuv,njuv->jiab", windows(x, *d.shape[2:]), d))


def of_input(d, k):
    """dE/dx[n, i] = sum_j conv2(d[n, j], rot180(k[j, i]), full)."""
    a, b = k.shape[2] - 1, k.shape[3] - 1
    padded = np.pad(d, ((0, 0), (0, 0), (a, a), (b, b)))
    return conv_valid(padded, rot180(k).swapaxes(0, 1))


def down(x):
    m, maps, h, v = x.shape
    return x.reshape(m, maps, h // 2, 2, v // 2, 2).sum(axis=(3, 5))


def up(d):
    return d.repeat(2, axis=2).repeat(2, axis=3)


def column(b):
    return b[:, None, None]


u1 = conv_valid(x1, w["c1.weight"]) + column(w["c1.bias"])
x2 = f(u1)
u2 = column(w["s2.beta"]) * down(x2) + column(w["s2.bias"])
x3 = f(u2)
u3 = conv_valid(x3, w["c3.weight"]) + column(w["c3.bias"])
x4 = f(u3)
u4 = column(w["s4.beta"]) * down(x4) + column(w["s4.bias"])
x5 = f(u4).reshape(n, -1)
u5 = x5 @ w["f5.weight"].T + w["f5.bias"]
y = 1 / (1 + np.exp(-u5))
t = np.eye(10)[labels]

# The sensitivities d = dE/du, last layer first.
d5 = y * (1 - y) * (y - t) / n
d4 = slope(u4) * (d5 @ w["f5.weight"]).reshape(u4.shape)
d3 = slope(u3) * column(w["s4.beta"]) * up(d4)
d2 = slope(u2) * of_input(d3, w["c3.weight"])
d1 = slope(u1) * column(w["s2.beta"]) * up(d2)

over_maps = (0, 2, 3)
gradients = {
    "f5.weight": d5.T @ x5, "f5.bias": d5.sum(axis=0),
    "s4.beta": (d4 * down(x4)).sum(axis=over_maps), "s4.bias": d4.sum(axis=over_maps),
    "c3.weight": of_kernel(x3, d3), "c3.bias": d3.sum(axis=over_maps),
    "s2.beta": (d2 * down(x2)).sum(axis=over_maps), "s2.bias": d2.sum(axis=over_maps),
    "c1.weight": of_kernel(x1, d1), "c1.bias": d1.sum(axis=over_maps),
    "f5.u": d5, "s4.u": d4, "c3.u": d3, "s2.u": d2, "c1.u": d1,  # these may be left out
}
np.savez("gradients.npz", **gradients)
