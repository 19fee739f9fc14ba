#include <xgrad/base/error.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/models/data/distortion.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

namespace xgrad
{

namespace
{

using Floats = std::vector<float, PooledAllocator<float>>;

const Distortion& checked(const Distortion& d)
{
    const auto within = [](const char* what, double value, double low, double high) {
        if (!(value >= low && value < high))
            throw ShapeError(fmt::format("[distort] {} is {}, a finite number from {} on{} is needed", what, value, low,
                                         std::isinf(high) ? "" : fmt::format(" and below {}", high)));
    };
    constexpr double infinity = std::numeric_limits<double>::infinity();
    within("the shift", d.shift, 0, infinity);
    within("the scaling", d.scaling, 0, 1);
    within("the rotation", d.rotation, 0, infinity);
    within("the shear", d.shear, 0, infinity);
    within("the elastic amplitude", d.elastic, 0, infinity);
    within("the smoothness", d.smoothness, 0.5, infinity);
    return d;
}

/** A cubic B-spline along one axis: the coefficients that each pixel mixes, and their weights. */
struct Spline
{
    std::size_t coefficients;
    std::vector<std::size_t> first; ///< the first of the four coefficients of each pixel
    std::vector<std::array<float, 4>> weights;

    Spline(std::size_t extent, double spacing) : first(extent), weights(extent)
    {
        for (std::size_t i = 0; i < extent; ++i) {
            const double place = static_cast<double>(i) / spacing;
            first[i] = static_cast<std::size_t>(place);
            const double t = place - std::floor(place), s = 1 - t;
            const double mix[] = {s * s * s / 6, 2.0 / 3 - t * t + t * t * t / 2, 2.0 / 3 - s * s + s * s * s / 2,
                                  t * t * t / 6};
            std::copy(std::begin(mix), std::end(mix), weights[i].begin());
        }
        coefficients = (extent == 0 ? 0 : first.back()) + 4;
    }
};

/** Draws random maps for images of one size. */
class Maps
{
  public:
    Maps(const Distortion& distortion, std::size_t height, std::size_t width)
        : distortion_(checked(distortion)),
          height_(height),
          width_(width),
          rows_(height, spacing * distortion.smoothness),
          columns_(width, spacing * distortion.smoothness),
          coefficients_(rows_.coefficients * columns_.coefficients),
          stretched_(rows_.coefficients * width)
    {}

    void draw(Random& random, float* map)
    {
        draw_affine(random, map);
        if (distortion_.elastic > 0)
            for (float* places : {map, map + height_ * width_})
                add_elastic(random, places);
    }

  private:
    // A cubic B-spline is nearly a Gaussian of deviation σ if its knots are √3 σ apart. So a spline with random
    // coefficients is much like white noise smoothed by a Gaussian, for a fraction of the work.
    static constexpr double spacing = std::numbers::sqrt3;

    void draw_affine(Random& random, float* map) const
    {
        const auto either_way = [&](double most) { return random.uniform(-most, most); };
        const double down = either_way(distortion_.shift), right = either_way(distortion_.shift);
        const double row_scale = 1 + either_way(distortion_.scaling);
        const double column_scale = 1 + either_way(distortion_.scaling);
        const double angle = either_way(distortion_.rotation) * std::numbers::pi / 180;
        const double shear = either_way(distortion_.shear);
        const double sine = std::sin(angle), cosine = std::cos(angle);
        const double row_centre = (static_cast<double>(height_) - 1) / 2;
        const double column_centre = (static_cast<double>(width_) - 1) / 2;
        float *rows = map, *columns = map + height_ * width_;
        for (std::size_t i = 0; i < height_; ++i) {
            const double y = row_scale * (static_cast<double>(i) - row_centre);
            for (std::size_t j = 0; j < width_; ++j) {
                const double x = column_scale * (static_cast<double>(j) - column_centre) + shear * y;
                *rows++ = static_cast<float>(row_centre + cosine * y - sine * x + down);
                *columns++ = static_cast<float>(column_centre + sine * y + cosine * x + right);
            }
        }
    }

    void add_elastic(Random& random, float* places)
    {
        // Uniform numbers from −a to a have the mean square a²/3, a spline's weights along one axis 151/315.
        const double most = distortion_.elastic * std::numbers::sqrt3 * 315 / 151;
        for (float& coefficient : coefficients_)
            coefficient = static_cast<float>(random.uniform(-most, most));
        for (std::size_t r = 0; r < rows_.coefficients; ++r)
            for (std::size_t j = 0; j < width_; ++j) {
                const float* c = coefficients_.data() + r * columns_.coefficients + columns_.first[j];
                const auto& w = columns_.weights[j];
                stretched_[r * width_ + j] = w[0] * c[0] + w[1] * c[1] + w[2] * c[2] + w[3] * c[3];
            }
        for (std::size_t i = 0; i < height_; ++i, places += width_) {
            const float* c = stretched_.data() + rows_.first[i] * width_;
            const auto& w = rows_.weights[i];
            for (std::size_t j = 0; j < width_; ++j)
                places[j] += w[0] * c[j] + w[1] * c[width_ + j] + w[2] * c[2 * width_ + j] + w[3] * c[3 * width_ + j];
        }
    }

    Distortion distortion_;
    std::size_t height_, width_;
    Spline rows_, columns_;
    Floats coefficients_;
    Floats stretched_; // the coefficients mixed along the columns, not yet along the rows
};

/** Reads planes of one size at the places that maps give. */
class Reader
{
  public:
    Reader(std::size_t height, std::size_t width, float background)
        : height_(height), width_(width), framed_((height + 3) * (width + 3), background)
    {}

    /** Reads a plane at the places of a map; `out` may be the plane itself. */
    void read(const float* plane, const float* map, float* out)
    {
        // With a frame of background every place can be read without a check: one row above, two below, likewise
        // columns.
        const std::size_t stride = width_ + 3;
        for (std::size_t i = 0; i < height_; ++i)
            std::copy_n(plane + i * width_, width_, framed_.data() + (i + 1) * stride + 1);
        const auto last_row = static_cast<float>(height_ + 1), last_column = static_cast<float>(width_ + 1);
        const std::size_t size = height_ * width_;
        for (std::size_t i = 0; i < size; ++i) {
            const float y = std::min(std::max(0.0f, map[i] + 1), last_row); // NaN becomes 0
            const float x = std::min(std::max(0.0f, map[size + i] + 1), last_column);
            const auto row = static_cast<std::int32_t>(y), column = static_cast<std::int32_t>(x);
            const float below = y - static_cast<float>(row), beside = x - static_cast<float>(column);
            const float* p = framed_.data() + static_cast<std::size_t>(row) * stride + static_cast<std::size_t>(column);
            const float upper = p[0] + beside * (p[1] - p[0]);
            const float lower = p[stride] + beside * (p[stride + 1] - p[stride]);
            out[i] = upper + below * (lower - upper);
        }
    }

  private:
    std::size_t height_, width_;
    Floats framed_;
};

void check_images(const char* op, const Array<float>& images)
{
    if (images.dimension() != 4)
        throw ShapeError(
            fmt::format("[{}] images (N, C, H, W) are needed, the shape is {}", op, to_string(images.shape())));
}

} // namespace

Array<float> random_map(const Distortion& distortion, std::size_t height, std::size_t width, Random& random)
{
    Array<float> map = empty_array<float>({2, height, width});
    Maps(distortion, height, width).draw(random, map.data());
    return map;
}

Array<float> read_at(const Array<float>& images, const Array<float>& map, float background)
{
    check_images("read_at", images);
    const Shape& shape = images.shape();
    if (map.shape() != Shape{2, shape[2], shape[3]})
        throw ShapeError(fmt::format("[read_at] a map (2,{},{}) is needed for images {}, its shape is {}", shape[2],
                                     shape[3], to_string(shape), to_string(map.shape())));
    Array<float> result = empty_array<float>(shape);
    Reader reader(shape[2], shape[3], background);
    const std::size_t size = shape[2] * shape[3];
    for (std::size_t plane = 0; plane < shape[0] * shape[1]; ++plane)
        reader.read(images.data() + plane * size, map.data(), result.data() + plane * size);
    return result;
}

void distort(Array<float>& images, const Distortion& distortion, float background, SampleRandom random)
{
    check_images("distort", images);
    const Shape& shape = images.shape();
    Maps maps(distortion, shape[2], shape[3]);
    Reader reader(shape[2], shape[3], background);
    Array<float> map = empty_array<float>({2, shape[2], shape[3]});
    const std::size_t size = shape[2] * shape[3];
    float* plane = images.data();
    for (std::size_t n = 0; n < shape[0]; ++n) {
        maps.draw(random[n], map.data());
        for (std::size_t c = 0; c < shape[1]; ++c, plane += size)
            reader.read(plane, map.data(), plane);
    }
}

} // namespace xgrad
