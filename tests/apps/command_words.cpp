// Words that the command does not understand: it names the nearest one, and no number is taken for another.
#ifdef XGRAD_COMMAND

#include "command.hpp"

using namespace xgrad;
using namespace xgrad::test;

TEST_CASE("command: a misspelt verb, model, option or value is told with the nearest one")
{
    check_error(call({"trian"}), 2, "there is no verb 'trian'; did you mean 'train'? There are: train, evaluate");
    check_error(call({"help", "grpah"}), 2, "did you mean 'graph'?");
    check_error(call({""}), 2, "there is no verb ''; there are: train");
    for (const char* verb : {"train", "summary", "graph", "compare"})
        check_error(call({verb, "lenet"}), 2, "there is no 'lenet'; did you mean 'lenet5'? There are: lenet5");
    check_error(call({"train", "lenet5", "--epoch", "3"}), 2, "there is no option --epoch; did you mean --epochs?");
    check_error(call({"train", "--epoch=3"}), 2, "there is no option --epoch; did you mean --epochs?");
    check_error(call({"train", "lenet5", "-epochs", "3"}), 2, "did you mean --epochs?");
    check_error(call({"summary", "lenet5", "--poolin", "mean"}), 2, "did you mean --pooling?");
    check_error(call({"--verison"}), 2, "there is no option --verison; did you mean --version?");
    check_error(call({"evaluate", "--zebra", "x"}), 2, "there is no option --zebra; --help lists");
    check_error(call({"train", "lenet5", "--optimizer", "adm"}), 2, "did you mean 'adam'?");
    check_error(call({"train", "lenet5", "--schedule", "cosin"}), 2, "did you mean 'cosine'?");
    check_error(call({"train", "lenet5", "--activation", "rleu"}), 2, "did you mean 'relu'?");
    check_error(call({"train", "lenet5", "--recipe", "lecun98"}), 2, "did you mean 'lecun1998'?");
    check_error(call({"graph", "mlp", "--format", "sgv"}), 2, "did you mean 'svg'?");
    check_error(call({"gradcheck", "cnv2d"}), 2, "there is no op 'cnv2d'; did you mean 'conv2d'?");
    check_error(call(train("lenet5", {"--rate", "c1.wieght", "2"})), 1, "did you mean 'c1.weight'?");
}

TEST_CASE("command: --lr is --learning-rate, and help has a verb")
{
    const Result short_name = call(train("mlp", {"--epochs", "1", "--lr", "0.125"}));
    CHECK(short_name.code == 0);
    CHECK(contains(short_name.out, "learning rate 0.125"));
    const Result help = call({"help", "train"});
    CHECK(help.code == 0);
    CHECK(help.out == call({"train", "--help"}).out);
    CHECK(call({"help"}).out == call({"--help"}).out);
    CHECK(call({"train", "lenet5", "--epoch", "3", "--help"}).code == 0);
}

TEST_CASE("command: whole numbers have at most 64 bits and are decimal")
{
    for (const char* option : {"--seed", "--batch", "--epochs", "--chunk", "--threads", "--pretrain"}) {
        CAPTURE(option);
        for (const char* number : {"18446744073709551616", "99999999999999999999"})
            check_error(call({"train", "lenet5", option, number}), 2,
                        std::string(option) + ": must be at most 18446744073709551615, not " + number);
        for (const char* number : {"0x10", "1e3", "+10", " 10", "10 ", "2.5", "ten", "1,000"})
            check_error(call({"train", "lenet5", option, number}), 2,
                        std::string(option) + ": must be a whole number such as 20, not " + number);
        check_error(call({"train", "lenet5", option, "-4"}), 2, option);
        check_error(call({"train", "lenet5", option, ""}), 2, "an empty text");
    }
    check_error(call({"graph", "mlp", "--seed", "18446744073709551616"}), 2, "18446744073709551615");
    check_error(call({"predict", "x", "--index", "18446744073709551616"}), 2, "18446744073709551615");
    check_error(call({"compare", "mlp", "--samples", "18446744073709551616"}), 2, "18446744073709551615");
    CHECK(contains(call(train("mlp", {"--epochs", "1", "--seed", "010"})).out, "seed 10"));
    CHECK(contains(call(train("mlp", {"--epochs", "1", "--seed", "18446744073709551615"})).out,
                   "seed 18446744073709551615"));
}

TEST_CASE("command: other numbers are finite, and not 0 as floats unless they are 0")
{
    for (const char* option : {"--learning-rate", "--weight-decay", "--damping"}) {
        CAPTURE(option);
        for (const char* number : {"nan", "inf", "-inf", "1e400", "-1", "x", "1 ", " 1", "0.1x"})
            check_error(call({"train", "lenet5", option, number}), 2, std::string(option) + ": must be a number ");
        check_error(call({"train", "lenet5", option, ""}), 2, std::string(option) + ": must not be an empty text");
        check_error(call({"train", "lenet5", option, "1e-60"}), 2, "1e-60 becomes 0 as a 32-bit number");
        check_error(call({"train", "lenet5", option, "1e60"}), 2, "1e60 becomes infinite as a 32-bit number");
    }
    for (const char* factor : {"nan", "-1", "1e-60", "1e60", "x"})
        check_error(call({"train", "lenet5", "--rate", "c1", factor}), 2, "--rate: ");
}

TEST_CASE("command: an option that is given twice, without its value, or with an empty one")
{
    check_error(call({"train", "lenet5", "--epochs", "1", "--epochs", "2"}), 2, "--epochs is given more than once");
    check_error(call({"train", "lenet5", "--lr", "1", "--learning-rate", "2"}), 2, "--learning-rate is given more");
    check_error(call({"train", "lenet5", "--rate", "c1", "1", "--rate", "c1", "2"}), 2, "'c1' has two factors");
    check_error(call({"train", "lenet5", "--data"}), 2, "--data needs a value");
    check_error(call({"train", "lenet5", "--optimizer"}), 2, "--optimizer needs a value");
    for (const char* option : {"--data", "--output", "--log", "--profile", "--recipe", "--optimizer"})
        check_error(call({"train", "lenet5", option, ""}), 2, std::string(option) + ": must not be an empty text");
    check_error(call({"evaluate", ""}), 2, "CHECKPOINT: must not be an empty text");
    check_error(call({"train", ""}), 2, "MODEL: must not be an empty text");
    check_error(call({"train", "lenet5", "more"}), 2, "there is no use for the argument 'more'");
    check_error(call({"train", "lenet5", "--", "--data", "x"}), 2, "there is no use for the argument '--data'");
}

TEST_CASE("command: a weight decay that makes weights grow is named as the reason")
{
    const Result result = call(train("mlp", {"--weight-decay", "1e30"}));
    CHECK(result.code == 1);
    CHECK(contains(result.err, "try a smaller weight decay than 1e+30"));
}

TEST_CASE("command: --pretrain tells of one epoch what is so")
{
    CHECK(contains(call(train("bouvrie", {"--epochs", "1", "--pretrain", "1"})).out, " % in the only epoch\n"));
    const std::string two = call(train("bouvrie", {"--epochs", "1", "--pretrain", "2"})).out;
    CHECK(contains(two, " % in the first epoch to "));
}

#endif
