// All ops, with the shapes and options that a program may give them: also those that no array can have. An op, and its
// gradient, either succeeds or throws an Error.

#include "arguments.hpp"
#include <xgrad/base/sample_random.hpp>
#include <xgrad/graph/tape.hpp>
#include <xgrad/ops/ops.hpp>

using namespace xgrad;

namespace
{

using namespace fuzz;

struct Op
{
    const char* name;
    X (*call)(Input& in, const X& a, const X& b);
};

#define XGRAD_OP(name, call)                                                                                           \
    {                                                                                                                  \
        name, []([[maybe_unused]] Input& in, [[maybe_unused]] const X& a, [[maybe_unused]] const X& b) -> X {          \
            return call;                                                                                               \
        }                                                                                                              \
    }

// clang-format off
const Op ops[] = {
    XGRAD_OP("add", add(a, b)), XGRAD_OP("subtract", subtract(a, b)), XGRAD_OP("multiply", multiply(a, b)),
    XGRAD_OP("divide", divide(a, b)), XGRAD_OP("pow", pow(a, b)), XGRAD_OP("maximum", maximum(a, b)),
    XGRAD_OP("minimum", minimum(a, b)), XGRAD_OP("greater", greater(a, b)),
    XGRAD_OP("greater_equal", greater_equal(a, b)), XGRAD_OP("where", where(a, b, x(in))),
    XGRAD_OP("negative", negative(a)), XGRAD_OP("add", add(a, number(in))), XGRAD_OP("multiply", multiply(a, number(in))),
    XGRAD_OP("divide", divide(a, number(in))), XGRAD_OP("subtract", subtract(number(in), a)),
    XGRAD_OP("divide", divide(number(in), a)), XGRAD_OP("pow", pow(a, number(in))),
    XGRAD_OP("circulant", circulant(a, length(in))),
    XGRAD_OP("doubly_block_circulant", doubly_block_circulant(a, size(in))),
    XGRAD_OP("circulant_convolution", circulant_convolution(a, b)),
    XGRAD_OP("correlate2d", correlate2d(a, b, convolution(in))),
    XGRAD_OP("convolution_layer", convolution_layer(a, b, x(in), {in.one_of(layer_activations), in.byte() % 2 == 1}, convolution(in))),
    XGRAD_OP("activate", activate(in.one_of(layer_activations), a)),
    XGRAD_OP("correlate2d_input", correlate2d_input(a, b, size(in), convolution(in))),
    XGRAD_OP("correlate2d_kernel", correlate2d_kernel(a, b, size(in), convolution(in))),
    XGRAD_OP("correlate1d", correlate1d(a, b, sequence(in))), XGRAD_OP("conv1d", conv1d(a, b, sequence(in))),
    XGRAD_OP("correlate1d_input", correlate1d_input(a, b, length(in), sequence(in))),
    XGRAD_OP("correlate1d_kernel", correlate1d_kernel(a, b, length(in), sequence(in))),
    XGRAD_OP("conv1d_input", conv1d_input(a, b, length(in), sequence(in))),
    XGRAD_OP("conv1d_kernel", conv1d_kernel(a, b, length(in), sequence(in))),
    XGRAD_OP("convolve", convolve(a, b, in.one_of(convolve_modes))),
    XGRAD_OP("correlate3d", correlate3d(a, b, volume(in))), XGRAD_OP("conv3d", conv3d(a, b, volume(in))),
    XGRAD_OP("conv2d", conv2d(a, b, convolution(in))),
    XGRAD_OP("conv2d_input", conv2d_input(a, b, size(in), convolution(in))),
    XGRAD_OP("conv2d_kernel", conv2d_kernel(a, b, size(in), convolution(in))),
    XGRAD_OP("exp", exp(a)), XGRAD_OP("log", log(a)), XGRAD_OP("log1p", log1p(a)), XGRAD_OP("sqrt", sqrt(a)),
    XGRAD_OP("abs", abs(a)), XGRAD_OP("sign", sign(a)), XGRAD_OP("square", square(a)), XGRAD_OP("sin", sin(a)),
    XGRAD_OP("cos", cos(a)),
    XGRAD_OP("exp2", exp2(a)),
    XGRAD_OP("expm1", expm1(a)),
    XGRAD_OP("log2", log2(a)),
    XGRAD_OP("log10", log10(a)),
    XGRAD_OP("cbrt", cbrt(a)),
    XGRAD_OP("cube", cube(a)),
    XGRAD_OP("tan", tan(a)),
    XGRAD_OP("asin", asin(a)),
    XGRAD_OP("acos", acos(a)),
    XGRAD_OP("atan", atan(a)),
    XGRAD_OP("sinh", sinh(a)),
    XGRAD_OP("cosh", cosh(a)),
    XGRAD_OP("asinh", asinh(a)),
    XGRAD_OP("acosh", acosh(a)),
    XGRAD_OP("atanh", atanh(a)),
    XGRAD_OP("erf", erf(a)),
    XGRAD_OP("erfc", erfc(a)),
    XGRAD_OP("lgamma", lgamma(a)), XGRAD_OP("tgamma", tgamma(a)), XGRAD_OP("digamma", digamma(a)),
    XGRAD_OP("polygamma", polygamma(a, number(in))),
    XGRAD_OP("hypot", hypot(a, b)), XGRAD_OP("atan2", atan2(a, b)), XGRAD_OP("fmod", fmod(a, b)),
    XGRAD_OP("remainder", remainder(a, b)), XGRAD_OP("fdim", fdim(a, b)), XGRAD_OP("fmax", fmax(a, b)),
    XGRAD_OP("fmin", fmin(a, b)), XGRAD_OP("fma", fma(a, b, x(in))), XGRAD_OP("pow", pow(number(in), a)),
    XGRAD_OP("less", less(a, b)), XGRAD_OP("less_equal", less_equal(a, b)), XGRAD_OP("equal", equal(a, b)),
    XGRAD_OP("not_equal", not_equal(a, b)), XGRAD_OP("logical_and", logical_and(a, b)),
    XGRAD_OP("logical_or", logical_or(a, b)), XGRAD_OP("logical_not", logical_not(a)),
    XGRAD_OP("isclose", isclose(a, b, number(in), number(in))),
    XGRAD_OP("deg2rad", deg2rad(a)),
    XGRAD_OP("rad2deg", rad2deg(a)),
    XGRAD_OP("floor", floor(a)),
    XGRAD_OP("ceil", ceil(a)),
    XGRAD_OP("trunc", trunc(a)),
    XGRAD_OP("round", round(a)),
    XGRAD_OP("rint", rint(a)),
    XGRAD_OP("isnan", isnan(a)),
    XGRAD_OP("isinf", isinf(a)),
    XGRAD_OP("isfinite", isfinite(a)),
    XGRAD_OP("clip", clip(a, number(in), number(in))),
    XGRAD_OP("inside", inside(a, number(in), number(in))), XGRAD_OP("step", step(a, number(in))),
    XGRAD_OP("sigmoid", sigmoid(a)), XGRAD_OP("tanh", tanh(a)),
    XGRAD_OP("scaled_tanh", scaled_tanh(a, number(in), number(in))), XGRAD_OP("relu", relu(a)),
    XGRAD_OP("leaky_relu", leaky_relu(a, number(in))), XGRAD_OP("softplus", softplus(a)),
    XGRAD_OP("gelu", gelu(a)),
    XGRAD_OP("gelu_tanh", gelu_tanh(a)),
    XGRAD_OP("silu", silu(a)),
    XGRAD_OP("mish", mish(a)),
    XGRAD_OP("selu", selu(a)),
    XGRAD_OP("softsign", softsign(a)),
    XGRAD_OP("hard_sigmoid", hard_sigmoid(a)),
    XGRAD_OP("hard_swish", hard_swish(a)),
    XGRAD_OP("elu", elu(a, number(in))),
    XGRAD_OP("elementwise", elementwise("fuzzed", [](auto u, auto v) { return tanh(u * v); }, a, b)),
    XGRAD_OP("checkpoint", checkpoint([](const X& u, const X& v) { return tanh(u) * v; }, a, b)),
    XGRAD_OP("custom_gradient", custom_gradient([](const X& u) { return tanh(u); }, [](const X& g, const X& y, const X&) { return g - g * y * y; }, a)),
    XGRAD_OP("implicit", implicit([](const X& u) { return u; }, [](const X& y, const X& u) { return y + tanh(y) - u - tanh(u); }, a)),
    XGRAD_OP("fixed_point", fixed_point([](const X& y, const X& u) { return 0.5f * tanh(y) + u; }, b, a)),
    XGRAD_OP("scan", scan([](const X& s, const X& u) { return s + u; }, a, b, {in.flag(), in.flag()})),
    XGRAD_OP("scan", scan([](const X& s) { return tanh(s); }, a, in.flag() ? extent(in) : 5, {in.flag(), in.flag()})),
    XGRAD_OP("jacobian", constant(jacobian([](const X& u) { return tanh(u); }, a))),
    XGRAD_OP("hessian", constant(hessian([](const X& u) { return sum(cube(u)); }, a))),
    XGRAD_OP("jacobian_vector_product", jacobian_vector_product([](const X& u) { return tanh(u); }, a, b)),
    XGRAD_OP("hessian_vector_product", hessian_vector_product([](const X& u) { return sum(cube(u)); }, a, b)),
    XGRAD_OP("gather", gather(a, labels(in), axis(in))),
    XGRAD_OP("scatter_add", scatter_add(a, labels(in), extent(in), axis(in))),
    XGRAD_OP("index_add", index_add(a, b, labels(in), axis(in))), XGRAD_OP("take_last", take_last(a, labels(in))),
    XGRAD_OP("place_last", place_last(a, labels(in), extent(in))),
    XGRAD_OP("take_along_axis", take_along_axis(a, labels(in), axis(in))),
    XGRAD_OP("add_along_axis", add_along_axis(a, b, labels(in), axis(in))),
    XGRAD_OP("put_along_axis", put_along_axis(a, labels(in), b, axis(in))),
    XGRAD_OP("filter", filter(a, mask(in, a.shape()))), XGRAD_OP("filter", filter(a, b)),
    XGRAD_OP("place", place(a, mask(in, a.shape()), b)),
    XGRAD_OP("argsort", sum_of(argsort(a, axis(in)))), XGRAD_OP("sort", sort(a, axis(in))),
    XGRAD_OP("topk", topk(a, any_size(in), axis(in)).first), XGRAD_OP("median", median(a)),
    XGRAD_OP("median", median(a, axes(in), in.flag())), XGRAD_OP("quantile", quantile(a, number(in))),
    XGRAD_OP("quantile", quantile(a, {0.5, static_cast<double>(number(in))}, axes(in), in.flag())),
    XGRAD_OP("concatenate", concatenate({a, b, a}, axis(in))), XGRAD_OP("stack", stack({a, b}, axis(in))),
    XGRAD_OP("unstack", first_of(unstack(a, axis(in)))),
    XGRAD_OP("locally_connected2d", locally_connected2d(a, b, patch(in))), XGRAD_OP("tiled2d", tiled2d(a, b, patch(in))),
    XGRAD_OP("cycle", cycle(a, extent(in), axis(in))), XGRAD_OP("squared_error", squared_error(a, b)),
    XGRAD_OP("binary_cross_entropy", binary_cross_entropy(a, b)),
    XGRAD_OP("binary_cross_entropy_with_logits", binary_cross_entropy_with_logits(a, b)),
    XGRAD_OP("softmax_cross_entropy", softmax_cross_entropy(a, labels(in))),
    XGRAD_OP("softmax_cross_entropy", softmax_cross_entropy(a, b)),
    XGRAD_OP("softmax_cross_entropy", softmax_cross_entropy(a, labels(in), label_options(in, b))),
    XGRAD_OP("softmax_cross_entropy", softmax_cross_entropy(a, b, reduction(in))),
    XGRAD_OP("negative_log_likelihood", negative_log_likelihood(a, labels(in), label_options(in, b))),
    XGRAD_OP("squared_error", squared_error(a, b, reduction(in))),
    XGRAD_OP("absolute_error", absolute_error(a, b, reduction(in))),
    XGRAD_OP("huber", huber(a, b, number(in), reduction(in))),
    XGRAD_OP("smooth_l1", smooth_l1(a, b, number(in), reduction(in))),
    XGRAD_OP("hinge", hinge(a, b, reduction(in))), XGRAD_OP("kl_divergence", kl_divergence(a, b, reduction(in))),
    XGRAD_OP("multiclass_hinge", multiclass_hinge(a, labels(in), number(in), reduction(in))),
    XGRAD_OP("standardize", standardize(a, number(in))), XGRAD_OP("rms_normalize", rms_normalize(a, number(in))),
    XGRAD_OP("dropout", with_generators(in, [&](auto random) { return dropout(a, number(in), random); })),
    XGRAD_OP("attention_weights", attention_weights(a, b, {.mask = in.flag() ? x(in) : X(), .causal = in.flag()})),
    XGRAD_OP("scaled_dot_product_attention", scaled_dot_product_attention(a, b, x(in), {.causal = in.flag()})),
    XGRAD_OP("elman", elman(a, b, x(in), in.flag())), XGRAD_OP("gru", gru(a, b, x(in), x(in))),
    XGRAD_OP("lstm", lstm(a, b, x(in), x(in))[0]),
    XGRAD_OP("one_hot", one_hot<float>(labels(in), extent(in), number(in), number(in))),
    XGRAD_OP("matmul", matmul(a, b, {in.flag(), in.flag()})), XGRAD_OP("outer", outer(a, b)),
    XGRAD_OP("kron", kron(a, b)),
    XGRAD_OP("solve", solve(a, b)), XGRAD_OP("triangular_solve", triangular_solve(a, b, {in.flag(), in.flag(), in.flag()})),
    XGRAD_OP("inv", inv(a)), XGRAD_OP("cholesky", cholesky(matmul(a, a, {.b = true}))), XGRAD_OP("det", det(a)),
    XGRAD_OP("slogdet", slogdet(a).logabsdet), XGRAD_OP("trace", trace(a)),
    XGRAD_OP("matrix_power", matrix_power(a, axis(in))), XGRAD_OP("qr", qr(a).q), XGRAD_OP("qr", qr(a).r),
    XGRAD_OP("eigh", eigh(a).eigenvectors), XGRAD_OP("eigvalsh", eigvalsh(a)), XGRAD_OP("svd", svd(a).u),
    XGRAD_OP("svd", svd(a).s), XGRAD_OP("svd", svd(a).vt), XGRAD_OP("lstsq", lstsq(a, b)), XGRAD_OP("pinv", pinv(a)),
    XGRAD_OP("matrix_rank", sum_of(matrix_rank(a))),
    XGRAD_OP("matrix_norm", matrix_norm(a, in.one_of(matrix_norms))), XGRAD_OP("cond", cond(a)),
    XGRAD_OP("fft", fft(Complex<float>{a, b}, axis(in), in.one_of(fourier_norms)).re),
    XGRAD_OP("ifft", ifft(Complex<float>{a, b}, axis(in), in.one_of(fourier_norms)).im),
    XGRAD_OP("rfft", rfft(a, axis(in), in.one_of(fourier_norms)).re),
    XGRAD_OP("irfft", irfft(Complex<float>{a, a}, any_size(in), axis(in), in.one_of(fourier_norms))),
    XGRAD_OP("patches", patches(a, size(in), patch(in))),
    XGRAD_OP("patches_sum", patches_sum(a, size(in), size(in), patch(in))),
    XGRAD_OP("max_pool2d", max_pool2d(a, pooling(in))), XGRAD_OP("mean_pool2d", mean_pool2d(a, pooling(in), in.flag())),
    XGRAD_OP("square_pool2d", square_pool2d(a, pooling(in))), XGRAD_OP("l2_pool2d", l2_pool2d(a, pooling(in))),
    XGRAD_OP("weighted_pool2d", weighted_pool2d(a, b, pooling(in))),
    XGRAD_OP("distance_weights", distance_weights<float>(size(in), number(in))),
    XGRAD_OP("stochastic_pool2d", [&] { Random random(1); return stochastic_pool2d(a, pooling(in), random); }()),
    XGRAD_OP("probability_pool2d", probability_pool2d(a, pooling(in))),
    XGRAD_OP("global_mean_pool2d", global_mean_pool2d(a)), XGRAD_OP("global_max_pool2d", global_max_pool2d(a)),
    XGRAD_OP("adaptive_mean_pool2d", adaptive_mean_pool2d(a, size(in))),
    XGRAD_OP("adaptive_max_pool2d", adaptive_max_pool2d(a, size(in))),
    XGRAD_OP("min", min(a, axes(in), in.flag())), XGRAD_OP("argmin", sum_of(argmin(a, axis(in)))),
    XGRAD_OP("prod", prod(a, axes(in), in.flag())), XGRAD_OP("variance", variance(a, axes(in), {any_size(in), in.flag()})),
    XGRAD_OP("stddev", stddev(a, axes(in), {any_size(in), in.flag()})),
    XGRAD_OP("average", average(a, b, axes(in), in.flag())), XGRAD_OP("nansum", nansum(a, axes(in), in.flag())),
    XGRAD_OP("nanmean", nanmean(a, axes(in), in.flag())),
    XGRAD_OP("nan_to_num", nan_to_num(a, number(in), number(in), number(in))),
    XGRAD_OP("nanprod", nanprod(a, axes(in), in.flag())), XGRAD_OP("nanmax", nanmax(a, axes(in), in.flag())),
    XGRAD_OP("nanmin", nanmin(a, axes(in), in.flag())), XGRAD_OP("nancumsum", nancumsum(a, axis(in))),
    XGRAD_OP("nanvar", nanvar(a, axes(in), {any_size(in), in.flag()})),
    XGRAD_OP("nanstd", nanstd(a, axes(in), {any_size(in), in.flag()})), XGRAD_OP("cov", cov(a, any_size(in))),
    XGRAD_OP("nancumprod", nancumprod(a, axis(in))),
    XGRAD_OP("count_nonzero", count_nonzero(a, axes(in), in.flag())), XGRAD_OP("any", any(a, axes(in), in.flag())),
    XGRAD_OP("all", all(a, axes(in), in.flag())), XGRAD_OP("norm_l0", norm_l0(a, axes(in), in.flag())),
    XGRAD_OP("norm_l1", norm_l1(a, axes(in), in.flag())), XGRAD_OP("norm_sq", norm_sq(a, axes(in), in.flag())),
    XGRAD_OP("norm_l2", norm_l2(a, axes(in), in.flag())), XGRAD_OP("norm_linf", norm_linf(a, axes(in), in.flag())),
    XGRAD_OP("norm_lp_to_p", norm_lp_to_p(a, number(in), axes(in), in.flag())),
    XGRAD_OP("norm_lp", norm_lp(a, number(in), axes(in), in.flag())),
    XGRAD_OP("norm_induced_l1", norm_induced_l1(a)), XGRAD_OP("norm_induced_linf", norm_induced_linf(a)),
    XGRAD_OP("cumsum", cumsum(a)), XGRAD_OP("cumsum", cumsum(a, axis(in))), XGRAD_OP("cumprod", cumprod(a)),
    XGRAD_OP("cumprod", cumprod(a, axis(in))), XGRAD_OP("diff", diff(a, any_size(in), axis(in))),
    XGRAD_OP("trapz", trapz(a, number(in), axis(in))), XGRAD_OP("trapz", trapz(a, b, axis(in))),
    XGRAD_OP("einsum", einsum(in.one_of(equations), a, b)), XGRAD_OP("einsum", einsum(in.one_of(equations), a)),
    XGRAD_OP("tensordot", tensordot(a, b, any_size(in))), XGRAD_OP("tensordot", tensordot(a, b, axes(in), axes(in))),
    XGRAD_OP("dot", dot(a, b)), XGRAD_OP("vdot", vdot(a, b)), XGRAD_OP("cross", cross(a, b)),
    XGRAD_OP("interp", interp(a, b, x(in))),
    XGRAD_OP("fabs", fabs(a)), XGRAD_OP("nearbyint", nearbyint(a)), XGRAD_OP("degrees", degrees(a)),
    XGRAD_OP("radians", radians(a)), XGRAD_OP("amax", amax(a, axes(in), in.flag())),
    XGRAD_OP("amin", amin(a, axes(in), in.flag())),
    XGRAD_OP("resize", resize(a, size(in), in.one_of(interpolations))),
    XGRAD_OP("maxout", maxout(a, any_size(in), axis(in))), XGRAD_OP("sum", sum(a)),
    XGRAD_OP("sum", sum(a, axes(in), in.flag())), XGRAD_OP("mean", mean(a)),
    XGRAD_OP("mean", mean(a, axes(in), in.flag())), XGRAD_OP("max", max(a)),
    XGRAD_OP("max", max(a, axes(in), in.flag())), XGRAD_OP("log_sum_exp", log_sum_exp(a)),
    XGRAD_OP("log_sum_exp", log_sum_exp(a, axes(in), in.flag())), XGRAD_OP("argmax", sum_of(argmax(a, axis(in)))),
    XGRAD_OP("broadcast_to", broadcast_to(a, shape(in, 5))), XGRAD_OP("sum_to", sum_to(a, shape(in, 5))),
    XGRAD_OP("block_sum", block_sum(a, any_size2d(in))), XGRAD_OP("upsample", upsample(a, size(in))),
    XGRAD_OP("reshape", reshape(a, shape(in, 8))), XGRAD_OP("flatten", flatten(a, any_size(in))),
    XGRAD_OP("reshape", reshape(a, {axis(in), extent(in), axis(in)})), XGRAD_OP("ravel", ravel(a)),
    XGRAD_OP("atleast_1d", atleast_1d(a)), XGRAD_OP("atleast_2d", atleast_2d(a)),
    XGRAD_OP("atleast_3d", atleast_3d(a)), XGRAD_OP("permute", permute(a)),
    XGRAD_OP("swapaxes", swapaxes(a, axis(in), axis(in))), XGRAD_OP("moveaxis", moveaxis(a, axes(in), axes(in))),
    XGRAD_OP("flip", flip(a)), XGRAD_OP("fliplr", fliplr(a)), XGRAD_OP("flipud", flipud(a)),
    XGRAD_OP("rot90", rot90(a, axis(in), axes(in))), XGRAD_OP("roll", roll(a, axis(in), axis(in))),
    XGRAD_OP("roll", roll(a, axis(in))), XGRAD_OP("tile", tile(a, shape(in, 5))),
    XGRAD_OP("repeat", repeat(a, extent(in), axis(in))), XGRAD_OP("repeat", repeat(a, sizes(in), axis(in))),
    XGRAD_OP("repeat", repeat(a, extent(in))), XGRAD_OP("split", first_of(split(a, any_size(in), axis(in)))),
    XGRAD_OP("split", first_of(split(a, sizes(in), axis(in)))), XGRAD_OP("diag", diag(a, length(in))),
    XGRAD_OP("diagonal", diagonal(a, axis(in), axis(in), axis(in))), XGRAD_OP("tril", tril(a, axis(in))),
    XGRAD_OP("triu", triu(a, axis(in))), XGRAD_OP("pad", pad(a, borders(in), pad_mode(in), number(in))),
    XGRAD_OP("meshgrid", first_of(meshgrid(flatten(a), flatten(b)))), XGRAD_OP("view", view(a, places(in))),
    XGRAD_OP("expand_dims", expand_dims(a, axis(in))), XGRAD_OP("squeeze", squeeze(a, axis(in))),
    XGRAD_OP("permute", permute(a, axes(in))), XGRAD_OP("channel_shuffle", channel_shuffle(a, length(in))),
    XGRAD_OP("transpose", transpose(a)), XGRAD_OP("flip", flip(a, axes(in))), XGRAD_OP("rot180", rot180(a)),
    XGRAD_OP("slice", slice(a, ranges(in))),
    XGRAD_OP("slice", slice(a, axis(in), any_size(in), any_size(in), any_size(in))),
    XGRAD_OP("embed", embed(a, shape(in, 4), ranges(in))), XGRAD_OP("add_part", add_part(a, b, ranges(in))),
    XGRAD_OP("pad", pad(a, borders(in), number(in))), XGRAD_OP("cast", cast<float>(cast<double>(a))),
    XGRAD_OP("softmax", softmax(a, axis(in))), XGRAD_OP("log_softmax", log_softmax(a, axis(in))),
};
// clang-format on
#undef XGRAD_OP

} // namespace

/** The first byte is the op; the next ones are two arrays, then its options. */
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    Input in(data, size);
    const Op& op = in.one_of(ops);
    Tape tape;
    Variables<float> inputs, results;
    fuzz::may_refuse([&] {
        inputs.push_back(x(in));
        inputs.push_back(x(in));
        results.push_back(op.call(in, inputs[0], inputs[1]));
    });
    if (results.empty())
        return 0;
    try { // what an op has accepted has a gradient, but for matrices at which there is none
        tape.gradient(sum(results[0]), inputs, {.unused_is_zero = true});
    } catch (const NumericalError&) {
    }
    return 0;
}
