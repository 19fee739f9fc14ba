#include <xgrad/base/error.hpp>
#include <xgrad/base/instantiate.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/base/sizes.hpp>
#include <xgrad/graph/tape.hpp>
#include <xgrad/kernels/product/product.hpp>
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/detail/values.hpp>
#include <xgrad/ops/elementwise.hpp>
#include <xgrad/ops/joining.hpp>
#include <xgrad/ops/matmul.hpp>
#include <xgrad/ops/recurrence.hpp>
#include <xgrad/ops/shape.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <memory>

namespace xgrad
{

namespace
{

using kernels::Unary;

enum class Cell
{
    tanh,
    relu,
    lstm,
    gru
};

/** The inputs of a recurrence in the order of its op: u, w, then b of the GRU, h, and c of the LSTM. */
template <class T>
struct Inputs
{
    Cell cell;
    Variables<T> all;

    const Variable<T>& u() const { return all[0]; }
    const Variable<T>& w() const { return all[1]; }
    const Variable<T>& b() const { return all[2]; }
    const Variable<T>& h() const { return all[cell == Cell::gru ? 3 : 2]; }
    const Variable<T>& c() const { return all[3]; }
    const char* op() const { return cell == Cell::lstm ? "lstm" : cell == Cell::gru ? "gru" : "elman"; }
    /** The number of parts of the pre-activations. */
    std::size_t parts() const { return cell == Cell::lstm ? 4 : cell == Cell::gru ? 3 : 1; }
};

template <class T>
void check_shapes(const Inputs<T>& in)
{
    const Shape &u = in.u().shape(), &w = in.w().shape(), &h = in.h().shape();
    const bool fits = u.size() == 3 && h.size() == 2 && h[0] == u[1] &&
                      u[2] == detail::product_of_sizes(in.op(), "state", in.parts(), h[1]) && w == Shape{u[2], h[1]} &&
                      (in.cell != Cell::gru || in.b().shape() == Shape{u[2]}) &&
                      (in.cell != Cell::lstm || in.c().shape() == h);
    if (!fits) {
        std::string came;
        for (const Variable<T>& x : in.all)
            came += (came.empty() ? "" : ", ") + to_string(x.shape());
        const std::string wide = in.parts() == 1 ? "H" : fmt::format("{}H", in.parts());
        throw ShapeError(fmt::format("[{0}] shapes {1}: u (T, N, {2}), w ({2}, H){3} and h{4} (N, H) are needed",
                                     in.op(), came, wide, in.cell == Cell::gru ? ", b (3H)" : "",
                                     in.cell == Cell::lstm ? ", c" : ""));
    }
    if (u[0] == 0)
        throw ShapeError(fmt::format("[{}] a sequence of no steps: one step or more is needed", in.op()));
}

/** The results by ops, step by step: the outputs, and the last cells of the LSTM. */
template <class T>
Variables<T> by_ops(const Inputs<T>& in)
{
    Variable<T> h = in.h(), c = in.cell == Cell::lstm ? in.c() : Variable<T>();
    const std::size_t width = h.shape()[1];
    const auto part = [&](const Variable<T>& a, std::size_t k) { return slice(a, 1, k * width, (k + 1) * width); };
    Variables<T> outputs;
    for (const Variable<T>& u : unstack(in.u())) {
        const Variable<T> p = matmul(h, in.w(), {.b = true});
        if (in.cell == Cell::gru) {
            const Variable<T> shifted = p + in.b();
            const Variable<T> r = sigmoid(part(u, 0) + part(shifted, 0)), z = sigmoid(part(u, 1) + part(shifted, 1));
            h = (1 - z) * tanh(part(u, 2) + r * part(shifted, 2)) + z * h;
        } else if (in.cell == Cell::lstm) {
            const Variable<T> a = u + p;
            c = sigmoid(part(a, 1)) * c + sigmoid(part(a, 0)) * tanh(part(a, 2));
            h = sigmoid(part(a, 3)) * tanh(c);
        } else {
            h = in.cell == Cell::tanh ? tanh(u + p) : relu(u + p);
        }
        outputs.push_back(h);
    }
    Variables<T> results = {stack(outputs)};
    if (in.cell == Cell::lstm)
        results.push_back(c);
    return results;
}

/** The same in one pass over plain arrays, and its gradient. It keeps what the gradient reads. */
template <class T>
class Run
{
  public:
    explicit Run(const Inputs<T>& in)
        : cell_(in.cell),
          steps_(in.u().shape()[0]),
          batch_(in.h().shape()[0]),
          width_(in.h().shape()[1]),
          parts_(in.parts()),
          gates_(empty_array<T>({steps_, batch_, parts_ * width_}))
    {
        if (cell_ == Cell::lstm) {
            cells_ = empty_array<T>({steps_ + 1, batch_, width_});
            squashed_ = empty_array<T>({steps_, batch_, width_});
        }
        if (cell_ == Cell::gru)
            products_ = empty_array<T>({steps_, batch_, parts_ * width_});
    }

    Variables<T> forward(const Inputs<T>& in)
    {
        Variables<T> results = {uninitialized<T>({steps_, batch_, width_})};
        T* const h = results[0].mutable_data();
        std::copy_n(in.u().data(), gates_.size(), gates_.data());
        if (cell_ == Cell::lstm)
            std::copy_n(in.c().data(), state(), cells_.data());
        for (std::size_t t = 0; t < steps_; ++t) {
            const T* const before = t == 0 ? in.h().data() : h + (t - 1) * state();
            T* const a = gates_.data() + t * all_gates();
            T* const product = cell_ == Cell::gru ? products_.data() + t * all_gates() : a;
            if (cell_ == Cell::gru)
                for (std::size_t n = 0; n < batch_; ++n)
                    std::copy_n(in.b().data(), row(), product + n * row());
            kernels::matrix_product({.m = batch_,
                                     .n = row(),
                                     .k = width_,
                                     .transpose_b = true,
                                     .lda = width_,
                                     .ldb = width_,
                                     .ldc = row(),
                                     .accumulate = true},
                                    before, in.w().data(), product);
            T* const after = h + t * state();
            if (cell_ == Cell::lstm)
                step_of_lstm(t, a, after);
            else if (cell_ == Cell::gru)
                step_of_gru(a, product, before, after);
            else
                squash(cell_ == Cell::tanh ? Unary::tanh : Unary::relu, a, after, state());
        }
        if (cell_ == Cell::lstm) {
            results.push_back(uninitialized<T>({batch_, width_}));
            std::copy_n(cells_.data() + steps_ * state(), state(), results[1].mutable_data());
        }
        return results;
    }

    /** The gradients for the inputs, in their order. */
    Variables<T> backward(const Inputs<T>& in, const Variable<T>& outputs, const Variables<T>& gs) const
    {
        Variables<T> gradients;
        for (const Variable<T>& x : in.all)
            gradients.push_back(uninitialized<T>(x.shape()));
        T* const du = gradients[0].mutable_data();
        Variable<T> of_products = cell_ == Cell::gru ? uninitialized<T>(in.u().shape()) : Variable<T>();
        T* const dp = cell_ == Cell::gru ? of_products.mutable_data() : du;
        T* const dh = gradients[cell_ == Cell::gru ? 3 : 2].mutable_data();
        std::fill_n(dh, state(), T{0});
        T* const dc = cell_ == Cell::lstm ? gradients[3].mutable_data() : nullptr;
        if (dc)
            std::copy_n(gs[1].data(), state(), dc);
        for (std::size_t t = steps_; t-- > 0;) {
            const T* const g = gs[0].data() + t * state();
            for (std::size_t i = 0; i < state(); ++i)
                dh[i] += g[i];
            const T* const before = t == 0 ? in.h().data() : outputs.data() + (t - 1) * state();
            T *const da = du + t * all_gates(), *const dproduct = dp + t * all_gates();
            bool keeps = false;
            if (cell_ == Cell::lstm)
                back_of_lstm(t, dh, dc, da);
            else if (cell_ == Cell::gru)
                keeps = true, back_of_gru(t, before, dh, da, dproduct);
            else
                back_of_elman(outputs.data() + t * state(), dh, da);
            kernels::matrix_product(
                {.m = batch_, .n = width_, .k = row(), .lda = row(), .ldb = width_, .ldc = width_, .accumulate = keeps},
                dproduct, in.w().data(), dh);
        }
        add_up(in, outputs, dp, gradients);
        return gradients;
    }

  private:
    std::size_t state() const { return batch_ * width_; }
    std::size_t row() const { return parts_ * width_; }
    std::size_t all_gates() const { return batch_ * row(); }

    static void squash(Unary f, const T* x, T* y, std::size_t count)
    {
        kernels::table<T>().unary(f, x, y, count, 0, 0);
    }

    void step_of_lstm(std::size_t t, T* a, T* h)
    {
        const T* const before = cells_.data() + t * state();
        T *const c = cells_.data() + (t + 1) * state(), *const tanh_c = squashed_.data() + t * state();
        for (std::size_t n = 0; n < batch_; ++n) {
            T *const i = a + n * row(), *const f = i + width_, *const g = f + width_, *const o = g + width_;
            squash(Unary::sigmoid, i, i, 2 * width_);
            squash(Unary::tanh, g, g, width_);
            squash(Unary::sigmoid, o, o, width_);
            for (std::size_t j = 0; j < width_; ++j)
                c[n * width_ + j] = f[j] * before[n * width_ + j] + i[j] * g[j];
        }
        squash(Unary::tanh, c, tanh_c, state());
        for (std::size_t n = 0; n < batch_; ++n)
            for (std::size_t j = 0; j < width_; ++j)
                h[n * width_ + j] = a[n * row() + 3 * width_ + j] * tanh_c[n * width_ + j];
    }

    /** @param dh  the gradient of the outputs  @param dc  that of the cells, which becomes that of the step before */
    void back_of_lstm(std::size_t t, const T* dh, T* dc, T* da) const
    {
        const T *const before = cells_.data() + t * state(), *const tanh_c = squashed_.data() + t * state();
        for (std::size_t n = 0; n < batch_; ++n) {
            const T *const i = gates_.data() + t * all_gates() + n * row(), *const f = i + width_,
                           *const g = f + width_, *const o = g + width_;
            T *const di = da + n * row(), *const df = di + width_, *const dg = df + width_, *const d_o = dg + width_;
            for (std::size_t j = 0; j < width_; ++j) {
                const std::size_t k = n * width_ + j;
                const T cell = dc[k] + dh[k] * o[j] * (1 - tanh_c[k] * tanh_c[k]);
                di[j] = cell * g[j] * (i[j] * (1 - i[j]));
                df[j] = cell * before[k] * (f[j] * (1 - f[j]));
                dg[j] = cell * i[j] * (1 - g[j] * g[j]);
                d_o[j] = dh[k] * tanh_c[k] * (o[j] * (1 - o[j]));
                dc[k] = cell * f[j];
            }
        }
    }

    void step_of_gru(T* a, const T* product, const T* before, T* h) const
    {
        for (std::size_t m = 0; m < batch_; ++m) {
            T *const r = a + m * row(), *const z = r + width_, *const n = z + width_;
            const T* const p = product + m * row();
            for (std::size_t j = 0; j < 2 * width_; ++j)
                r[j] += p[j];
            squash(Unary::sigmoid, r, r, 2 * width_);
            for (std::size_t j = 0; j < width_; ++j)
                n[j] += r[j] * p[2 * width_ + j];
            squash(Unary::tanh, n, n, width_);
            for (std::size_t j = 0; j < width_; ++j)
                h[m * width_ + j] = (1 - z[j]) * n[j] + z[j] * before[m * width_ + j];
        }
    }

    /** @param dh  the gradient of the outputs, which becomes the part of the step before that no product passes */
    void back_of_gru(std::size_t t, const T* before, T* dh, T* da, T* dproduct) const
    {
        for (std::size_t m = 0; m < batch_; ++m) {
            const std::size_t place = t * all_gates() + m * row();
            const T *const r = gates_.data() + place, *const z = r + width_, *const n = z + width_;
            const T* const p = products_.data() + place + 2 * width_;
            T *const dr = da + m * row(), *const dz = dr + width_, *const dn = dz + width_;
            T* const d = dproduct + m * row();
            for (std::size_t j = 0; j < width_; ++j) {
                const std::size_t k = m * width_ + j;
                dn[j] = dh[k] * (1 - z[j]) * (1 - n[j] * n[j]);
                dr[j] = dn[j] * p[j] * (r[j] * (1 - r[j]));
                dz[j] = dh[k] * (before[k] - n[j]) * (z[j] * (1 - z[j]));
                d[j] = dr[j];
                d[width_ + j] = dz[j];
                d[2 * width_ + j] = dn[j] * r[j];
                dh[k] *= z[j];
            }
        }
    }

    void back_of_elman(const T* h, const T* dh, T* da) const
    {
        for (std::size_t i = 0; i < state(); ++i)
            da[i] = cell_ == Cell::tanh ? dh[i] * (1 - h[i] * h[i]) : (h[i] > 0 ? dh[i] : T{0});
    }

    /** The gradients of w and b: sums over all steps. */
    void add_up(const Inputs<T>& in, const Variable<T>& outputs, const T* dp, Variables<T>& gradients) const
    {
        const auto product = [&](const T* d, const T* h, std::size_t rows, bool accumulate) {
            kernels::matrix_product({.m = row(),
                                     .n = width_,
                                     .k = rows,
                                     .transpose_a = true,
                                     .lda = row(),
                                     .ldb = width_,
                                     .ldc = width_,
                                     .accumulate = accumulate},
                                    d, h, gradients[1].mutable_data());
        };
        product(dp, in.h().data(), batch_, false);
        if (steps_ > 1)
            product(dp + all_gates(), outputs.data(), (steps_ - 1) * batch_, true);
        if (cell_ != Cell::gru)
            return;
        T* const db = gradients[2].mutable_data();
        std::fill_n(db, row(), T{0});
        for (std::size_t n = 0; n < steps_ * batch_; ++n)
            for (std::size_t j = 0; j < row(); ++j)
                db[j] += dp[n * row() + j];
    }

    Cell cell_;
    std::size_t steps_, batch_, width_, parts_;
    Array<T> gates_;            // σ or tanh of the pre-activations
    Array<T> cells_, squashed_; // of the LSTM: c_0 … c_T, and tanh of those from c_1 on
    Array<T> products_;         // of the GRU: h·Wᵀ + b
};

/** The gradients for the inputs by the ops that a recurrence stands for, so that they can be differentiated again. */
template <class T>
Variables<T> recorded_gradients(const Inputs<T>& in, const Variables<T>& gs)
{
    Tape tape;
    const Variables<T> ys = by_ops(in);
    Variables<T> targets, gradients(in.all.size());
    for (const Variable<T>& x : in.all)
        if (x.requires_gradient())
            targets.push_back(x);
    Variables<T> found = tape.vector_jacobian_product(ys, gs, targets, {.unused_is_zero = true});
    for (std::size_t i = in.all.size(); i-- > 0;)
        if (in.all[i].requires_gradient()) {
            gradients[i] = std::move(found.back());
            found.pop_back();
        }
    return gradients;
}

template <class T, class... Xs>
Variables<T> recurrence(Cell cell, const Xs&... xs)
{
    const Inputs<T> in{cell, {xs...}};
    check_shapes(in);
    if (detail::parts_are_wanted())
        return by_ops(in);
    const auto run = std::allocate_shared<Run<T>>(PooledAllocator<Run<T>>(), in);
    const auto value = [&] { return run->forward(in); };
    const auto rule = [in, run](const Variables<T>& gs, const Variables<T>& ys) {
        return is_recording() ? recorded_gradients(in, gs) : run->backward(in, ys[0], gs);
    };
    if (cell == Cell::lstm)
        return record("lstm", value, wrt_jointly(rule, xs...));
    if (cell == Cell::gru)
        return record("gru", value, wrt_jointly(rule, xs...));
    return record("elman", value, wrt_jointly(rule, xs...));
}

} // namespace

template <class T>
Variable<T> elman(const Variable<T>& u, const Variable<T>& w, const Variable<T>& h, bool rectified)
{
    return recurrence<T>(rectified ? Cell::relu : Cell::tanh, u, w, h)[0];
}

template <class T>
std::array<Variable<T>, 2> lstm(const Variable<T>& u, const Variable<T>& w, const Variable<T>& h, const Variable<T>& c)
{
    Variables<T> results = recurrence<T>(Cell::lstm, u, w, h, c);
    return {std::move(results[0]), std::move(results[1])};
}

template <class T>
Variable<T> gru(const Variable<T>& u, const Variable<T>& w, const Variable<T>& b, const Variable<T>& h)
{
    return recurrence<T>(Cell::gru, u, w, b, h)[0];
}

#define XGRAD_INSTANTIATE(T)                                                                                           \
    template Variable<T> elman(const Variable<T>&, const Variable<T>&, const Variable<T>&, bool);                      \
    template std::array<Variable<T>, 2> lstm(const Variable<T>&, const Variable<T>&, const Variable<T>&,               \
                                             const Variable<T>&);                                                      \
    template Variable<T> gru(const Variable<T>&, const Variable<T>&, const Variable<T>&, const Variable<T>&);
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

} // namespace xgrad
