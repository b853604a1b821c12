#include <algorithm>
#include <gtest/gtest.h>
#include <random>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include <sbert/sbert.h>

#include "goldens/golden.h"
#include "models/tiny_model.h"
#include "support/floats.h"

// "Same bits, always": the vector of a text does not depend on the other texts of the call, on their order, on the
// batch size or on the number of threads.
namespace sbert {
namespace {

using test::same_bits;

class DeterminismTest : public testing::TestWithParam<std::string> {
 protected:
  DeterminismTest()
      : model(test::tiny_model(GetParam()).string()), texts(test::Golden(GetParam()).inputs("texts").texts) {
    options.truncation = TruncationPolicy::kSilent;
    for (const std::string& text : texts) alone.push_back(model.encode_one(text, options));
  }
  ~DeterminismTest() override { set_num_threads(0); }

  // Encodes these of the texts in one call and compares with each alone.
  testing::AssertionResult same_as_alone(const std::vector<size_t>& numbers, const EncodeOptions& with) const {
    std::vector<std::string_view> chosen;
    for (const size_t number : numbers) chosen.push_back(texts[number]);
    const FloatMatrix together = model.encode(chosen, with);
    for (size_t i = 0; i < numbers.size(); ++i) {
      auto same = same_bits(together.row(i), alone[numbers[i]]);
      if (!same) return same << " (text " << numbers[i] << " at place " << i << " of " << numbers.size() << ")";
    }
    return testing::AssertionSuccess();
  }
  std::vector<size_t> all_numbers() const {
    std::vector<size_t> numbers(texts.size());
    for (size_t i = 0; i < numbers.size(); ++i) numbers[i] = i;
    return numbers;
  }

  SentenceTransformer model;
  std::vector<std::string> texts;
  EncodeOptions options;
  std::vector<std::vector<float>> alone;
};

TEST_P(DeterminismTest, ThreadsBatchesAndOrder) {
  std::vector<size_t> forward = all_numbers(), backward = forward, tripled;
  std::reverse(backward.begin(), backward.end());
  for (int i = 0; i < 3; ++i) tripled.insert(tripled.end(), forward.begin(), forward.end());
  for (const size_t threads : {1, 2, 3}) {
    set_num_threads(threads);
    for (const size_t batch_size : {1, 2, 7, 32, 1000}) {
      options.batch_size = batch_size;
      for (const auto* numbers : {&forward, &backward, &tripled}) {
        ASSERT_TRUE(same_as_alone(*numbers, options)) << threads << " threads, batch_size " << batch_size;
      }
    }
  }
}

TEST_P(DeterminismTest, TokenEmbeddings) {
  const auto one_thread = model.encode_token_embeddings(texts, options);
  set_num_threads(3);
  const auto three_threads = model.encode_token_embeddings(texts, options);
  for (size_t i = 0; i < texts.size(); ++i) {
    const auto single = model.encode_token_embeddings(std::vector{std::string_view(texts[i])}, options);
    EXPECT_TRUE(same_bits(one_thread[i].values(), single[0].values())) << "text " << i;
    EXPECT_TRUE(same_bits(three_threads[i].values(), single[0].values())) << "text " << i;
  }
}

TEST_P(DeterminismTest, ManyCallsFromSeveralThreads) {
  set_num_threads(3);
  std::vector<std::thread> callers;
  std::vector<std::string> failures(4);
  for (size_t caller = 0; caller < failures.size(); ++caller) {
    callers.emplace_back([&, caller] {
      std::mt19937 engine(static_cast<uint32_t>(caller));
      for (int round = 0; round < 40 && failures[caller].empty(); ++round) {
        std::vector<size_t> numbers(engine() % 40);
        for (size_t& number : numbers) number = engine() % texts.size();
        EncodeOptions own = options;
        own.batch_size = 1 + engine() % 40;
        if (const auto same = same_as_alone(numbers, own); !same) failures[caller] = same.message();
      }
    });
  }
  for (std::thread& thread : callers) thread.join();
  EXPECT_EQ(failures, std::vector<std::string>(4));
}

TEST_P(DeterminismTest, TheChildOfAFork) {
  set_num_threads(2);
  ASSERT_TRUE(same_as_alone(all_numbers(), options));
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::alarm(60);  // a hang must end the child
    ::_exit(same_as_alone(all_numbers(), options) ? 0 : 1);
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "status " << status;
}

INSTANTIATE_TEST_SUITE_P(Folders, DeterminismTest,
                         testing::Values("v2-uncased-mean", "v6-concat-dense-residual", "v5-excluded-prompt-modes",
                                         "v2-cased-flags-sharded"),
                         [](const testing::TestParamInfo<std::string>& folder) {
                           std::string name = folder.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace sbert
