#include <xgrad/base/error.hpp>
#include <xgrad/graph/parameters.hpp>
#include <xgrad/ops/arithmetic.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace xgrad;

namespace
{

Parameters<double> layer(double value)
{
    return {{"weight", variable<double>({{value, 1, 2}, {3, 4, 5}})}, {"bias", variable<double>({value, 0})}};
}

} // namespace

TEST_CASE("parameters of layers are named after their place in the model")
{
    const Parameters<double> model{{"c1", layer(1)}, {"scale", variable<double>(2)}, {"f2", layer(3)}};
    const std::vector<std::string> names{"c1.weight", "c1.bias", "scale", "f2.weight", "f2.bias"};
    REQUIRE(model.size() == names.size());
    for (std::size_t i = 0; i < names.size(); ++i) {
        CHECK(model.name(i) == names[i]);
        CHECK(detail::origin_of(model[names[i]]) == detail::origin_of(model[i]));
    }
    CHECK(model["f2.bias"].data()[0] == 3);
    CHECK(model.element_count() == 8 + 1 + 8);
}

TEST_CASE("models of models")
{
    const Parameters<double> inner{{"c1", layer(1)}}, outer{{"net", inner}};
    CHECK(outer.name(1) == "net.c1.bias");
}

TEST_CASE("parameters share the leaves' values")
{
    const auto x = variable<double>({1, 2});
    const Parameters<double> parameters{{"x", x}};
    Variable<double> same = parameters["x"];
    same.mutable_data()[0] = 5;
    CHECK(x.data()[0] == 5);
    std::size_t count = 0;
    for (const Variable<double>& each : parameters)
        count += each.size();
    CHECK(count == 2);
    CHECK(parameters.variables().front().data() == x.data());
}

TEST_CASE("parameters are appended one by one and list by list")
{
    Parameters<double> parameters;
    CHECK(parameters.size() == 0);
    CHECK(parameters.element_count() == 0);
    parameters.add("x", variable<double>(1));
    parameters.add("layer", layer(1));
    parameters.add("", layer(2));
    CHECK(parameters.size() == 5);
    CHECK(parameters.name(1) == "layer.weight");
    CHECK(parameters.name(4) == "bias");
}

TEST_CASE("a constant or a result is no parameter")
{
    const auto x = variable<double>(1);
    Parameters<double> parameters;
    CHECK_THROWS_WITH_AS(parameters.add("c", constant<double>(1)),
                         "[parameters] 'c' is not a leaf: make it with variable()", GraphError);
    CHECK_THROWS_AS(parameters.add("y", x * x), GraphError);
    CHECK_THROWS_AS(parameters.add("nothing", Variable<double>()), GraphError);
    CHECK(parameters.size() == 0);
}

TEST_CASE("a name is taken once")
{
    Parameters<double> parameters{{"x", variable<double>(1)}};
    CHECK_THROWS_WITH_AS(parameters.add("x", variable<double>(2)), "[parameters] the name 'x' is used twice",
                         GraphError);
    CHECK(parameters.size() == 1);
}

TEST_CASE("a leaf under two names is one parameter, with the first of them")
{
    const auto w = variable<double>({1, 2});
    const Parameters<double> tied{{"encoder", {{"weight", w}}},
                                  {"decoder", {{"weight", w}, {"bias", variable<double>(1)}}}};
    CHECK(tied.size() == 2);
    CHECK(tied.name(0) == "encoder.weight");
    CHECK(tied.name(1) == "decoder.bias");
    CHECK(tied.element_count() == 3);
    CHECK_THROWS_AS(tied["decoder.weight"], GraphError);
    Parameters<double> twice{{"w", w}};
    CHECK_THROWS_AS(twice.add("w", w), GraphError);
}

TEST_CASE("a name that there is not, with those that there are")
{
    const Parameters<double> parameters{{"f2", layer(1)}};
    CHECK_THROWS_WITH_AS(parameters["f3.bias"],
                         "[parameters] there is no 'f3.bias'; did you mean 'f2.bias'? There are: f2.weight, f2.bias",
                         GraphError);
}

TEST_CASE("parameters: the places of a layer, of a parameter, of neither")
{
    const auto leaf = [] { return variable<double>({1.0}); };
    const Parameters<double> layer = {{"weight", leaf()}, {"bias", leaf()}};
    const Parameters<double> all = {{"c1", {{"weight", leaf()}, {"bias", leaf()}}}, {"c10", layer}};
    CHECK(all.places_of("c1") == std::vector<std::size_t>{0, 1});
    CHECK(all.places_of("c10.bias") == std::vector<std::size_t>{3});
    CHECK(all.places_of("c").empty());
    CHECK(all.places_of("c1.").empty());
    CHECK(all.places_of("c10.biased").empty());
}
