#include <xgrad/base/nearest.hpp>

#include <doctest/doctest.h>

using namespace xgrad::detail;

namespace
{

const std::vector<std::string> verbs = {"train", "evaluate", "predict", "summary", "graph"};

} // namespace

TEST_CASE("nearest: letters that are missing, too many, wrong or swapped")
{
    CHECK(nearest("trin", verbs) == "train");
    CHECK(nearest("traain", verbs) == "train");
    CHECK(nearest("grapf", verbs) == "graph");
    CHECK(nearest("trian", verbs) == "train");
    CHECK(nearest("predcit", verbs) == "predict");
    CHECK(nearest("PREDICT", verbs) == "predict");
    CHECK(nearest("sumary", verbs) == "summary");
}

TEST_CASE("nearest: a name that begins with the word, the shortest one, but a nearer name goes before")
{
    CHECK(nearest("eval", verbs) == "evaluate");
    CHECK(nearest("ada", {"adagrad", "adam"}) == "adam");
    CHECK(nearest("lenet", {"lenet5-large", "lenet5"}) == "lenet5");
    CHECK(nearest("relus", {"relu", "relus-and-others", "relus"}) == "relus");
}

TEST_CASE("nearest: no name for another word, a short one or a very long one")
{
    CHECK(nearest("learn", verbs).empty());
    CHECK(nearest("", verbs).empty());
    CHECK(nearest("x", {"y"}).empty());
    CHECK(nearest("gr", verbs).empty());
    CHECK(nearest("train", {}).empty());
    CHECK(nearest(std::string(1'000'000, 'a'), {std::string(1'000'000, 'b')}).empty());
}

TEST_CASE("nearest: messages name the nearest name, if there is one, and all")
{
    CHECK(did_you_mean("trian", verbs) == "; did you mean 'train'?");
    CHECK(did_you_mean("learn", verbs).empty());
    CHECK(no_such("verb", "trian", {"train", "graph"}) ==
          "there is no verb 'trian'; did you mean 'train'? There are: train, graph");
    CHECK(no_such("", "learn", {"train", "graph"}) == "there is no 'learn'; there are: train, graph");

    std::vector<std::string> many(300, "other");
    many.emplace_back("conv2d");
    CHECK(no_such("op", "conv2", many) == "there is no op 'conv2'; did you mean 'conv2d'?");
    CHECK(no_such("op", "learn", many).starts_with("there is no op 'learn'; there are: other, other, "));
}
