#include <xgrad/base/error.hpp>
#include <xgrad/base/instantiate.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/models/networks/architecture.hpp>
#include <xgrad/models/networks/pixel_labeller.hpp>
#include <xgrad/ops/ops.hpp>

#include <fmt/core.h>

namespace xgrad
{

namespace
{

const PixelLabellerOptions& checked(const PixelLabellerOptions& options)
{
    if (options.maps == 0 || options.classes == 0 || options.steps < 2)
        throw ShapeError(fmt::format("[pixel_labeller] {} maps, {} classes, {} steps: at least 1, 1 and 2 are needed",
                                     options.maps, options.classes, options.steps));
    return options;
}

Initialization hidden_initialization(const PixelLabellerOptions& options)
{
    return options.activation == Activation::relu ? Initialization::he : Initialization::lecun;
}

std::size_t area(Size2d size) { return static_cast<std::size_t>(size.height * size.width); }

} // namespace

template <class T>
PixelLabeller<T>::PixelLabeller(std::uint64_t seed, const PixelLabellerOptions& choice)
    : PixelLabeller(Random(seed), checked(choice))
{}

// The order of the members is that of their initialisation, so the weights depend on the seed alone.
template <class T>
PixelLabeller<T>::PixelLabeller(Random random, const PixelLabellerOptions& choice)
    : options(choice),
      u(1, choice.maps, choice.u, random, hidden_initialization(choice), sliding()),
      w(Convolution<T>(choice.classes, choice.maps, choice.w, random, hidden_initialization(choice)).weight),
      v(choice.maps, choice.classes, choice.v, random, Initialization::lecun, sliding())
{}

template <class T>
ConvolutionOptions PixelLabeller<T>::sliding() const
{
    return {.padding = Padding::same, .dilation = options.dilation};
}

template <class T>
Variable<T> PixelLabeller<T>::operator()(const Variable<T>& images) const
{
    if (images.dimension() != 4 || images.shape()[1] != 1)
        throw ShapeError(
            fmt::format("[pixel_labeller] images (N, 1, H, W) are needed, the shape is {}", to_string(images.shape())));
    const Variable<T> seen = u(images); // U ⋆ X is the same at each step
    Variable<T> y = v(activate(options.activation, seen));
    for (std::size_t t = 2; t <= options.steps; ++t)
        y = v(activate(options.activation, seen + correlate2d(softmax(std::move(y), 1), w, sliding())));
    return y;
}

template <class T>
Parameters<T> PixelLabeller<T>::parameters() const
{
    return {{"u", u.parameters()}, {"w.weight", w}, {"v", v.parameters()}};
}

template <class T>
std::vector<LayerSummary> PixelLabeller<T>::summary(Size2d image) const
{
    const auto height = static_cast<std::size_t>(image.height), width = static_cast<std::size_t>(image.width);
    const Shape hidden{options.maps, height, width}, labels{options.classes, height, width};
    const auto repeated = [](LayerSummary line, std::size_t times) {
        line.kind += fmt::format(", {}x", times);
        line.connections *= times;
        line.multiply_adds *= times;
        return line;
    };
    const std::size_t products = w.size() * area(image);
    const LayerSummary feedback{
        "W", fmt::format("convolution {}x{}", options.w.height, options.w.width), hidden, w.size(), products, products};
    return {summarize("U", u, hidden), repeated(feedback, options.steps - 1),
            repeated(summarize("V", v, labels), options.steps)};
}

Batch compose_scene(const Batch& digits, SampleRandom random)
{
    constexpr std::size_t side = 28;
    constexpr Preparation tones;
    constexpr float middle = (tones.background + tones.foreground) / 2;
    const std::size_t n = digits.labels.size();
    if (n == 0 || digits.labels.dimension() != 1 || digits.images.shape() != Shape{n, 1, side, side})
        throw ShapeError(fmt::format("[compose_scene] images (n, 1, 28, 28) and labels (n) are needed, the shapes are "
                                     "{} and {}",
                                     to_string(digits.images.shape()), to_string(digits.labels.shape())));

    Random& first = random[0];
    const std::size_t in_a_row = 1 + first.below(3), pitch = 18 + first.below(7);
    const std::size_t spare_rows = first.below(5), spare_columns = first.below(5);
    const std::size_t height = side + spare_rows, width = side + (in_a_row - 1) * pitch + spare_columns;
    const std::size_t scenes = (n + in_a_row - 1) / in_a_row;
    Batch batch{Array<float>(Shape{scenes, 1, height, width}, tones.background),
                Labels(Shape{scenes, height, width}, background_class)};
    for (std::size_t k = 0; k < scenes * in_a_row; ++k) {
        const std::size_t scene = k / in_a_row, digit = k % n;
        const std::size_t top = random[digit].below(spare_rows + 1);
        const std::size_t left = k % in_a_row * pitch + random[digit].below(spare_columns + 1);
        for (std::size_t i = 0; i < side; ++i)
            for (std::size_t j = 0; j < side; ++j) {
                const std::size_t place = (scene * height + top + i) * width + left + j;
                const float ink = digits.images.data()[(digit * side + i) * side + j];
                if (ink <= batch.images.data()[place])
                    continue;
                batch.images.data()[place] = ink;
                if (ink > middle)
                    batch.labels.data()[place] = digits.labels.data()[digit];
            }
    }
    return batch;
}

#define XGRAD_INSTANTIATE(T) template struct PixelLabeller<T>;
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

namespace detail::networks
{

namespace
{

Classifier make(std::uint64_t seed, const Choices& choices)
{
    PixelLabellerOptions options;
    options.steps = whole("pixel-labeller", choices, "steps", 2, 100);
    options.maps = whole("pixel-labeller", choices, "maps", 1, 1000);
    Classifier classifier = classifier_of("pixel-labeller", PixelLabeller<float>(seed, options));
    classifier.task = Task::pixel_classes;
    classifier.classes = options.classes;
    classifier.preparation.padding = 0;
    classifier.compose = compose_scene;
    classifier.defaults = {.epochs = 7, .batch = 32, .learning_rate = 0.01, .weight_decay = 0, .optimizer = "adam"};
    return classifier;
}

} // namespace

Architecture pixel_labeller()
{
    return {"pixel-labeller",
            "the class of each pixel by a recurrent convolution (N22)",
            {{"steps", {"3"}, "steps of the recurrence, 2 or more"}, {"maps", {"24"}, "maps of the hidden layer"}},
            make};
}

} // namespace detail::networks

} // namespace xgrad
