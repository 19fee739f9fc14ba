#include "pooling.hpp"

using namespace xgrad;
using namespace xgrad::test;

TEST_CASE_TEMPLATE("global pooling is over each whole map", T, float, double)
{
    for (const Shape& shape : {Shape{2, 3, 4, 5}, Shape{1, 1, 1, 1}, Shape{3, 2, 7, 1}}) {
        const Array<T> x = numbers<T>(shape);
        const double area = double(shape[2] * shape[3]);
        check_against(
            {shape[0], shape[1]}, x, [](const auto& v) { return global_mean_pool2d(v); },
            [&](const Index& y, auto add) {
                double sum = 0;
                for_each_index({shape[2], shape[3]}, [&](const Index& i) {
                    const Index from{y[0], y[1], i[0], i[1]};
                    sum += at(x, from);
                    add(from, 1 / area);
                });
                return sum / area;
            });
        check_against(
            {shape[0], shape[1]}, x, [](const auto& v) { return global_max_pool2d(v); },
            [&](const Index& y, auto add) {
                std::vector<Index> all;
                for_each_index({shape[2], shape[3]}, [&](const Index& i) { all.push_back({y[0], y[1], i[0], i[1]}); });
                add(largest_of(x, all), 1);
                return at(x, largest_of(x, all));
            });
    }
}

TEST_CASE_TEMPLATE("adaptive pooling is over regions in proportion to the image", T, float, double)
{
    std::mt19937 engine(5);
    for (const std::size_t height : Sizes{1, 4, 7})
        for (const std::size_t width : Sizes{3, 5, 10})
            for (std::size_t h = 1; h <= height; ++h)
                for (std::size_t w = 1; w <= width; ++w) {
                    // Small integers make many ties.
                    const Array<T> x = generate<T>({2, 2, height, width}, [&](const Index&) { return engine() % 3; });
                    const Size2d size(static_cast<std::ptrdiff_t>(h), static_cast<std::ptrdiff_t>(w));
                    const auto region = [&](const Index& y) {
                        std::vector<Index> all;
                        // Row r is in region i of h where [i/h, (i + 1)/h) and [r/H, (r + 1)/H) meet.
                        for (std::size_t r = 0; r < height; ++r)
                            for (std::size_t c = 0; c < width; ++c)
                                if (y[2] * height < (r + 1) * h && r * h < (y[2] + 1) * height &&
                                    y[3] * width < (c + 1) * w && c * w < (y[3] + 1) * width)
                                    all.push_back({y[0], y[1], r, c});
                        return all;
                    };
                    check_against(
                        {2, 2, h, w}, x, [&](const auto& v) { return adaptive_mean_pool2d(v, size); },
                        [&](const Index& y, auto add) {
                            double sum = 0;
                            const std::vector<Index> indices = region(y);
                            for (const Index& i : indices) {
                                sum += at(x, i);
                                add(i, 1 / double(indices.size()));
                            }
                            return sum / double(indices.size());
                        });
                    check_against(
                        {2, 2, h, w}, x, [&](const auto& v) { return adaptive_max_pool2d(v, size); },
                        [&](const Index& y, auto add) {
                            const Index best = largest_of(x, region(y));
                            add(best, 1);
                            return at(x, best);
                        });
                }
}

TEST_CASE_TEMPLATE("maxout takes the largest of consecutive channels, the first of equals", T, float, double)
{
    std::mt19937 engine(5);
    const auto check_maxout = [&](const Shape& shape, std::size_t pieces, Axis axis, std::size_t place) {
        Shape result = shape;
        result[place] /= pieces;
        const Array<T> x = generate<T>(shape, [&](const Index&) { return engine() % 3; });
        check_against(
            result, x, [&](const auto& v) { return maxout(v, pieces, axis); },
            [&](const Index& y, auto add) {
                Index best = y;
                best[place] *= pieces;
                for (Index i = best; i[place] < (y[place] + 1) * pieces; ++i[place])
                    if (at(x, i) > at(x, best))
                        best = i;
                add(best, 1);
                return at(x, best);
            });
    };
    check_maxout({2, 6, 3, 4}, 2, 1, 1);
    check_maxout({2, 6, 3, 4}, 3, 1, 1);
    check_maxout({2, 6, 3, 4}, 6, -3, 1);
    check_maxout({2, 6, 3, 4}, 1, 1, 1);
    check_maxout({2, 6, 3, 4}, 2, -1, 3);
    check_maxout({5, 12}, 4, 1, 1);
    check_maxout({6}, 3, 0, 0);
    check_maxout({4, 2, 3}, 2, 0, 0);
}
