// Losses. xgrad's add up each sample and take the mean over the samples; libtorch's losses of single elements are
// reduced in the same way here.

#include "family.hpp"
#include <xgrad/ops/elementwise.hpp>
#include <xgrad/ops/loss.hpp>
#include <xgrad/ops/softmax.hpp>

namespace agree
{

namespace
{

using xgrad::Reduction;

Reduction drawn_reduction(Draw& d)
{
    return d.choice<Reduction>("reduction",
                               {{"mean", Reduction::mean}, {"sum", Reduction::sum}, {"none", Reduction::none}});
}

Tensor reduced(const Tensor& losses, Reduction reduction)
{
    const Tensor samples = losses.reshape({losses.size(0), -1}).sum(1);
    return reduction == Reduction::none ? samples : reduction == Reduction::sum ? samples.sum() : samples.mean();
}

/** The reductions of libtorch by number. */
std::int64_t number_of(Reduction reduction)
{
    return reduction == Reduction::none ? 0 : reduction == Reduction::mean ? 1 : 2;
}

/** A loss of predictions and targets. @param f  (y, t, reduction) @param g  (y, t), the loss of each element */
template <class F, class G>
Family loss(std::string name, F f, G g, double low = -2, double high = 2)
{
    return {std::move(name), [=](Draw& d) {
                const Shape shape = d.shape(1, 4);
                const Reduction reduction = drawn_reduction(d);
                return Configuration(
                    {d.uniform(shape, low, high), d.uniform(shape, low, high)},
                    [=](const Variables& xs) { return f(xs[0], xs[1], reduction); },
                    [=](const Tensors& ts) { return reduced(g(ts[0], ts[1]), reduction); });
            }};
}

/** Logits and labels, of samples or of pixels. */
struct Classified
{
    Shape logits, labels;
    std::size_t classes;
};

Classified drawn_classes(Draw& d)
{
    Classified c{{1 + d.below(5)}, {}, 1 + d.below(5)};
    c.labels = c.logits;
    c.logits.push_back(c.classes);
    for (const std::size_t extent : d.shape(0, 2)) {
        c.logits.push_back(extent);
        c.labels.push_back(extent);
    }
    return c;
}

/** The cross-entropy for labels with all of its options, or the negative logarithm without smoothing. */
Family labelled(std::string name, bool from_logits)
{
    return {std::move(name), [=](Draw& d) {
                const Classified c = drawn_classes(d);
                const Labels truth = d.labels(c.labels, c.classes);
                const bool weighted = d.flag("weighted"), ignoring = d.flag("ignoring"),
                           smoothed = from_logits && d.flag("smoothed");
                const Array<double> weights = d.uniform({c.classes}, 0.1, 2);
                xgrad::LabelOptions<double> options{.smoothing = smoothed ? d.real("smoothing", 0, 1) : 0,
                                                    .reduction = drawn_reduction(d)};
                if (weighted)
                    options.weights = xgrad::constant<double>(weights);
                const auto ignored = static_cast<std::int32_t>(d.below(c.classes));
                if (ignoring)
                    options.ignored = ignored;
                bool all_ignored = ignoring;
                for (const std::int32_t label : truth)
                    all_ignored = all_ignored && label == ignored;
                return Configuration(
                           {d.normal(c.logits)},
                           [=](const Variables& xs) {
                               return from_logits ? softmax_cross_entropy(xs[0], truth, options)
                                                  : negative_log_likelihood(log_softmax(xs[0], 1), truth, options);
                           },
                           [=](const Tensors& ts) {
                               const c10::optional<Tensor> w =
                                   weighted ? c10::optional<Tensor>(tensor(weights)) : c10::nullopt;
                               const std::int64_t left_out = ignoring ? ignored : -100,
                                                  reduction = number_of(options.reduction);
                               return from_logits ? torch::cross_entropy_loss(ts[0], tensor(truth), w, reduction,
                                                                              left_out, options.smoothing)
                                                  : torch::nll_loss_nd(torch::log_softmax(ts[0], 1), tensor(truth), w,
                                                                       reduction, left_out);
                           })
                    .except("xgrad refuses the mean of no samples, libtorch returns NaN",
                            all_ignored && options.reduction == Reduction::mean);
            }};
}

} // namespace

Families loss_families()
{
    return {
        loss(
            "squared_error", [](const Variable& y, const Variable& t, Reduction r) { return squared_error(y, t, r); },
            [](const Tensor& y, const Tensor& t) { return torch::mse_loss(y, t, 0) / 2; }),
        loss(
            "absolute_error", [](const Variable& y, const Variable& t, Reduction r) { return absolute_error(y, t, r); },
            [](const Tensor& y, const Tensor& t) { return torch::l1_loss(y, t, 0); }),
        {"huber",
         [](Draw& d) {
             const double delta = d.real("delta", 0.1, 2);
             return loss(
                        "", [=](const Variable& y, const Variable& t, Reduction r) { return huber(y, t, delta, r); },
                        [=](const Tensor& y, const Tensor& t) { return torch::huber_loss(y, t, 0, delta); })
                 .draw(d);
         }},
        {"smooth_l1",
         [](Draw& d) {
             const double beta = d.real("beta", 0.1, 2);
             return loss(
                        "", [=](const Variable& y, const Variable& t, Reduction r) { return smooth_l1(y, t, beta, r); },
                        [=](const Tensor& y, const Tensor& t) { return torch::smooth_l1_loss(y, t, 0, beta); })
                 .draw(d);
         }},
        loss(
            "hinge", [](const Variable& y, const Variable& t, Reduction r) { return hinge(y, t, r); },
            [](const Tensor& y, const Tensor& t) { return torch::relu(1 - t * y); }),
        loss(
            "kl_divergence",
            [](const Variable& y, const Variable& t, Reduction r) { return kl_divergence(log(y), t, r); },
            [](const Tensor& y, const Tensor& t) { return torch::kl_div(log(y), t, 0); }, 0.05, 0.95),
        {"binary_cross_entropy",
         [](Draw& d) {
             return loss(
                        "",
                        [](const Variable& y, const Variable& t, Reduction r) { return binary_cross_entropy(y, t, r); },
                        [](const Tensor& y, const Tensor& t) { return torch::binary_cross_entropy(y, t, {}, 0); }, 0.05,
                        0.95)
                 .draw(d)
                 .except([](const Place& place) {
                     return place.part == Part::second && place.relative < 1e-8
                                ? "libtorch's second derivative has p + 1e-12 in place of p"
                                : nullptr;
                 });
         }},
        {"binary_cross_entropy_with_logits",
         [](Draw& d) {
             const Shape shape = d.shape(1, 4);
             const Reduction reduction = drawn_reduction(d);
             const double scale = d.real("scale", 1, 100);
             return Configuration(
                 {d.uniform(shape, -scale, scale), d.uniform(shape, 0, 1)},
                 [=](const Variables& xs) { return binary_cross_entropy_with_logits(xs[0], xs[1], reduction); },
                 [=](const Tensors& ts) {
                     return reduced(torch::binary_cross_entropy_with_logits(ts[0], ts[1], {}, {}, 0), reduction);
                 });
         }},
        {"multiclass_hinge",
         [](Draw& d) {
             const std::size_t n = 1 + d.below(5), classes = 1 + d.below(5);
             const Labels truth = d.labels({n}, classes);
             const double margin = d.real("margin", 0.2, 2);
             const Reduction reduction = drawn_reduction(d);
             return Configuration(
                 {d.normal({n, classes})},
                 [=](const Variables& xs) { return multiclass_hinge(xs[0], truth, margin, reduction); },
                 [=](const Tensors& ts) { // libtorch divides by the number of classes
                     return torch::multi_margin_loss(ts[0], tensor(truth), 1, margin, {}, number_of(reduction)) *
                            size(classes);
                 });
         }},
        labelled("softmax_cross_entropy", true),
        labelled("negative_log_likelihood", false),
        {"softmax_cross_entropy_of_targets",
         [](Draw& d) {
             const Classified c = drawn_classes(d);
             const Reduction reduction = drawn_reduction(d);
             return Configuration(
                 {d.normal(c.logits), d.normal(c.logits)},
                 [=](const Variables& xs) { return softmax_cross_entropy(xs[0], softmax(xs[1], 1), reduction); },
                 [=](const Tensors& ts) {
                     return torch::cross_entropy_loss(ts[0], torch::softmax(ts[1], 1), {}, number_of(reduction));
                 });
         }},
    };
}

} // namespace agree
