# The backward pass of LeNet-5 by hand. Change it, run it, and see what xgrad says:
#
#   python3 backward.py
#   xgrad compare lenet5 --weights weights.npz --data batch.npz --gradients gradients.npz
#
# C1 and C3 are x * W + b by cross-correlation, tanh, and the largest of each 2x2 block; C5, F6 and F7 are full. C3 reads
# the maps of the paper's table: elsewhere its weights are 0 and stay 0. E = 1/N sum_n -ln softmax(z_n)[label_n].
import numpy as np

w = np.load("weights.npz")
batch = np.load("batch.npz")
labels = batch["labels"]
n = len(labels)
x1 = batch["x"].reshape(n, 1, 32, 32)


def windows(x, height, width):
    return np.lib.stride_tricks.sliding_window_view(x, (height, width), axis=(2, 3))


def correlate(x, k):
    """u[n, o] = sum_i x[n, i] * k[o, i], where the kernel fits."""
    return np.einsum("niuvab,oiab->nouv", windows(x, *k.shape[2:]), k)


def of_kernel(x, d):
    """dE/dk[o, i] = sum_n x[n, i] * d[n, o]."""
    return np.einsum("niabuv,nouv->oiab", windows(x, *d.shape[2:]), d)


def of_input(d, k):
    """dE/dx[n, i] = sum_o of the full convolution of d[n, o] with k[o, i]."""
    a, b = k.shape[2] - 1, k.shape[3] - 1
    padded = np.pad(d, ((0, 0), (0, 0), (a, a), (b, b)))
    return correlate(padded, k[:, :, ::-1, ::-1].swapaxes(0, 1))


def blocks(x):
    """The four elements of each 2x2 block, along a last axis."""
    m, maps, h, v = x.shape
    return x.reshape(m, maps, h // 2, 2, v // 2, 2).swapaxes(3, 4).reshape(m, maps, h // 2, v // 2, 4)


def pool(x):
    return blocks(x).max(axis=-1)


def unpool(d, x):
    """Each d goes to the largest element of its block; to the first one if there are several, as in the background."""
    m, maps, h, v = d.shape
    chosen = d[..., None] * np.eye(4)[blocks(x).argmax(axis=-1)]
    return chosen.reshape(m, maps, h, v, 2, 2).swapaxes(3, 4).reshape(x.shape)


def column(b):
    return b[:, None, None]


u1 = correlate(x1, w["c1.weight"]) + column(w["c1.bias"])
y1 = np.tanh(u1)
x3 = pool(y1)
u3 = correlate(x3, w["c3.weight"]) + column(w["c3.bias"])
y3 = np.tanh(u3)
x5 = pool(y3)
u5 = correlate(x5, w["c5.weight"]) + column(w["c5.bias"])
x6 = np.tanh(u5).reshape(n, 120)
u6 = x6 @ w["f6.weight"].T + w["f6.bias"]
x7 = np.tanh(u6)
z = x7 @ w["f7.weight"].T + w["f7.bias"]
y = np.exp(z - z.max(axis=1, keepdims=True))
y /= y.sum(axis=1, keepdims=True)
t = np.eye(10)[labels]

# The sensitivities d = dE/du, last layer first.
d7 = (y - t) / n
d6 = (1 - x7**2) * (d7 @ w["f7.weight"])
d5 = ((1 - x6**2) * (d6 @ w["f6.weight"])).reshape(u5.shape)
d3 = (1 - y3**2) * unpool(of_input(d5, w["c5.weight"]), y3)
d1 = (1 - y1**2) * unpool(of_input(d3, w["c3.weight"]), y1)

gradients = {
    "f7.weight": d7.T @ x7, "f7.bias": d7.sum(axis=0),
    "f6.weight": d6.T @ x6, "f6.bias": d6.sum(axis=0),
    "c5.weight": of_kernel(x5, d5), "c5.bias": d5.sum(axis=(0, 2, 3)),
    "c3.weight": of_kernel(x3, d3) * (w["c3.weight"] != 0), "c3.bias": d3.sum(axis=(0, 2, 3)),
    "c1.weight": of_kernel(x1, d1), "c1.bias": d1.sum(axis=(0, 2, 3)),
    "f7.u": d7, "f6.u": d6, "c5.u": d5, "c3.u": d3, "c1.u": d1,  # these may be left out
}
np.savez("gradients.npz", **gradients)
