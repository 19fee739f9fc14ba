#include "ops.hpp"
#include <xgrad/ops/indexing.hpp>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

Labels random_indices(const Shape& shape, std::size_t extent, unsigned seed = 1)
{
    std::mt19937 engine(seed);
    return generate<std::int32_t>(shape, [&](const Index&) { return engine() % extent; });
}

} // namespace

TEST_CASE_TEMPLATE("gather takes slices along every axis and adds their gradients up", T, float, double)
{
    for (const Shape& shape : {Shape{5}, Shape{1}, Shape{3, 4}, Shape{4, 1}, Shape{2, 3, 4}, Shape{3, 21}})
        for (std::size_t axis = 0; axis < shape.size(); ++axis)
            for (const std::size_t count : Sizes{0, 1, 3, 7}) {
                const Labels chosen = random_indices({count}, shape[axis]);
                const Array<T> x = numbers<T>(shape);
                Shape result = shape;
                result[axis] = count;
                const Array<T> g = numbers<T>(result, -2, 2, 2);
                Array<T> gradient(shape, T(0));
                const Array<T> expected = generate<T>(result, [&](Index i) {
                    const T upstream = at(g, i);
                    i[axis] = static_cast<std::size_t>(chosen.data()[i[axis]]);
                    at(gradient, i) += upstream;
                    return at(x, i);
                });
                for (const Axis place :
                     {static_cast<Axis>(axis), static_cast<Axis>(axis) - static_cast<Axis>(shape.size())}) {
                    check_equal(gather(constant(Array<T>(x)), chosen, place).value(), expected);
                    check_close(gradients_of<T>([&](const auto& v) { return gather(v[0], chosen, place); }, {x}, g)[0],
                                gradient);
                }
            }
}

TEST_CASE_TEMPLATE("scatter_add adds slices along every axis and gathers their gradients", T, float, double)
{
    for (const Shape& shape : {Shape{5}, Shape{1}, Shape{3, 4}, Shape{4, 1}, Shape{2, 3, 4}, Shape{3, 21}})
        for (std::size_t axis = 0; axis < shape.size(); ++axis)
            for (const std::size_t extent : Sizes{1, 3, 8}) {
                const Labels places = random_indices({shape[axis]}, extent);
                const Array<T> x = numbers<T>(shape);
                Shape result = shape;
                result[axis] = extent;
                const Array<T> g = numbers<T>(result, -2, 2, 2);
                Array<T> expected(result, T(0)), gradient(shape, T(0));
                for_each_index(shape, [&](const Index& i) {
                    Index target = i;
                    target[axis] = static_cast<std::size_t>(places.data()[i[axis]]);
                    at(expected, target) += at(x, i);
                    at(gradient, i) = at(g, target);
                });
                const auto f = [&](const auto& v) {
                    return scatter_add(v[0], places, extent, static_cast<Axis>(axis));
                };
                check_close(f(Variables<T>{constant(Array<T>(x))}).value(), expected);
                check_equal(gradients_of<T>(f, {x}, g)[0], gradient);
            }
}

TEST_CASE_TEMPLATE("take_last and place_last choose and fill one element of each row", T, float, double)
{
    for (const Shape& rows : {Shape{}, Shape{1}, Shape{4}, Shape{2, 3}, Shape{0}}) {
        const std::size_t classes = 5;
        Shape shape = rows;
        shape.push_back(classes);
        Labels chosen = random_indices(rows, classes);
        const Array<T> x = numbers<T>(shape), row_values = numbers<T>(rows, -2, 2, 2);
        const auto index_of = [&](Index i) {
            const std::int32_t label = at(chosen, i);
            i.push_back(static_cast<std::size_t>(label));
            return i;
        };
        Array<T> placed(shape, T(0));
        const Array<T> taken = generate<T>(rows, [&](const Index& i) {
            at(placed, index_of(i)) = at(row_values, i);
            return at(x, index_of(i));
        });
        const auto take = [&](const auto& v) { return take_last(v[0], chosen); };
        const auto place = [&](const auto& v) { return place_last(v[0], chosen, classes); };
        check_equal(take(Variables<T>{constant(Array<T>(x))}).value(), taken);
        check_equal(place(Variables<T>{constant(Array<T>(row_values))}).value(), placed);
        check_equal(gradients_of<T>(take, {x}, row_values)[0], placed);
        check_equal(gradients_of<T>(place, {row_values}, x)[0], taken);
    }
}

TEST_CASE_TEMPLATE("an index list may change after the op: the rule kept its own", T, float, double)
{
    const auto x = variable(list<T>({1, 2, 3}));
    Labels chosen = indices({2, 0});
    Tape tape;
    const auto y = gather(x, chosen);
    chosen.fill(1);
    check_equal(tape.vector_jacobian_product(y, constant(list<T>({5, 7})), x).value(), list<T>({7, 0, 5}));
}

TEST_CASE_TEMPLATE("indexing leaves NaN where it is", T, float, double)
{
    const auto x = constant(list<T>({not_a_number, 1, infinity}));
    check_equal(gather(x, indices({2, 0, 1})).value(), list<T>({infinity, not_a_number, 1}));
    check_equal(take_last(x, Labels(Shape{}, 1)).value(), Array<T>(Shape{}, T(1)));
    check_equal(scatter_add(x, indices({1, 0, 0}), 2).value(), list<T>({infinity, not_a_number}));
}

TEST_CASE_TEMPLATE("indices outside, and shapes that do not fit, are refused by name; nothing is recorded", T, float,
                   double)
{
    const auto x = leaf<T>({2, 3}), s = leaf<T>({});
    check_shape_error([&] { gather(x, indices({0, 2})); }, {"[gather]", "2", "1"});
    check_shape_error([&] { gather(x, indices({-1})); }, {"[gather]", "-1"});
    check_shape_error([&] { gather(x, indices({3}), 1); }, {"[gather]", "3", "2"});
    check_shape_error([&] { gather(x, indices({0}), 2); }, {"[gather]", "2"});
    check_shape_error([&] { gather(s, indices({0})); }, {"[gather]", "0"});
    check_shape_error([&] { gather(x, indices({0, 1}, {1, 2})); }, {"[gather]", "(1,2)"});
    check_shape_error([&] { scatter_add(x, indices({0}), 3); }, {"[scatter_add]", "(1)", "(2,3)"});
    check_shape_error([&] { scatter_add(x, indices({0, 3}), 3); }, {"[scatter_add]", "3", "2"});
    check_shape_error([&] { scatter_add(x, indices({0, -1}), 3); }, {"[scatter_add]", "-1"});
    check_shape_error([&] { scatter_add(x, indices({0, 1}, {1, 2}), 3); }, {"[scatter_add]", "(1,2)", "(2,3)"});
    check_shape_error([&] { scatter_add(x, indices({0, 1}), 3, -3); }, {"[scatter_add]", "-3"});
    check_shape_error([&] { take_last(x, indices({0})); }, {"[take_last]", "(1)", "(2,3)"});
    check_shape_error([&] { take_last(x, indices({0, 3})); }, {"[take_last]", "3", "2"});
    check_shape_error([&] { take_last(x, indices({0, -7})); }, {"[take_last]", "-7"});
    check_shape_error([&] { take_last(s, indices({0})); }, {"[take_last]", "(1)", "()"});
    check_shape_error([&] { place_last(x, indices({0, 1}), 2); }, {"[place_last]", "(2)", "(2,3)"});
    check_shape_error([&] { place_last(leaf<T>({2}), indices({0, 2}), 2); }, {"[place_last]", "2", "1"});
}
