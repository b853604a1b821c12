#include <cstdlib>
#include <set>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sbert/error.h>

#include "kernels/levels.h"
#include "support/errors.h"
#include "support/random.h"

// Which level is chosen, and that the chosen one is what runs.
namespace sbert::kernels {
namespace {

TEST(ChooseLevelTest, TakesTheBestOrTheForcedOne) {
  const std::vector<Level> levels = {Level::kReference, Level::kAvx2, Level::kAvx512};
  EXPECT_EQ(choose_level("", levels), Level::kAvx512);
  EXPECT_EQ(choose_level("", {Level::kReference}), Level::kReference);
  EXPECT_EQ(choose_level("reference", levels), Level::kReference);
  EXPECT_EQ(choose_level("avx2", levels), Level::kAvx2);
  EXPECT_EQ(choose_level("avx512", levels), Level::kAvx512);
}

TEST(ChooseLevelTest, RefusesALevelTheMachineLacks) {
  const std::string message = test::message_of<InvalidArgumentError>([] {
    choose_level("avx512", {Level::kReference, Level::kAvx2});
  });
  EXPECT_EQ(message, "SBERT_FORCE_CPU=avx512: this machine does not have that level; it has: reference, avx2");
}

TEST(ChooseLevelTest, RefusesAnUnknownWord) {
  for (const char* word : {"sse4", "AVX2", "avx2 ", " ", "avx", "avx512\n"}) {
    const std::string message = test::message_of<InvalidArgumentError>([&] {
      choose_level(word, {Level::kReference, Level::kAvx2});
    });
    EXPECT_NE(message.find("is not a CPU level; this machine has: reference, avx2"), std::string::npos) << message;
  }
}

TEST(LevelsTest, ReferenceIsFirstAndEachHasAFullTableOfItsOwn) {
  ASSERT_FALSE(available_levels().empty());
  EXPECT_EQ(available_levels().front(), Level::kReference);
  EXPECT_TRUE(std::is_sorted(available_levels().begin(), available_levels().end()));
  std::set<void (*)(const MatmulArgs&)> matmuls;
  std::set<float (*)(const float*, const float*, size_t)> dots;
  for (const Level level : available_levels()) {
    const Kernels& table = kernels_of(level);
    const bool full = table.panel_cols != 0 && table.matmul && table.activate && table.softmax && table.layer_norm &&
                      table.rms_norm && table.add && table.multiply && table.scale && table.maximum && table.dot &&
                      table.squared_distance && table.manhattan_distance;
    EXPECT_TRUE(full) << level_name(level);
    EXPECT_TRUE(matmuls.insert(table.matmul).second) << level_name(level) << " shares its matmul";
    EXPECT_TRUE(dots.insert(table.dot).second) << level_name(level) << " shares its dot";
  }
}

size_t panel_cols_of(const std::string& level) {
  if (level == "reference") return 8;
  if (level == "avx512") return 48;  // three vectors of 16
  return 16;                         // avx2: two of 8; neon: four of 4
}

// Run by ForcedLevelTest in a process of its own for each level; alone it checks the default.
TEST(ActiveLevelTest, IsTheOneThatTheEnvironmentNames) {
  const char* forced = std::getenv("SBERT_FORCE_CPU");
  const Level level = active_level();
  if (forced != nullptr && *forced != '\0') {
    EXPECT_STREQ(level_name(level), forced);
  } else {
    EXPECT_EQ(level, available_levels().back());
  }
  EXPECT_EQ(&active(), &kernels_of(level));
  EXPECT_EQ(active().panel_cols, panel_cols_of(level_name(level)));

  // Levels add in different orders, so the bits of long sums tell them apart.
  for (const Level other : available_levels()) {
    size_t different = 0;
    for (uint32_t seed = 0; seed < 100; ++seed) {
      const std::vector<float> x = test::random_floats(seed, 200), y = test::random_floats(seed + 100, 200);
      different += active().dot(x.data(), y.data(), 200) != kernels_of(other).dot(x.data(), y.data(), 200);
    }
    EXPECT_EQ(different == 0, other == level) << level_name(level) << " and " << level_name(other);
  }
}

struct Child {
  int exit_code = -1;
  std::string output;
};

// This program again, only ActiveLevelTest, with SBERT_FORCE_CPU=word.
Child run_with_level(const std::string& word) {
  int ends[2];
  if (::pipe(ends) != 0) throw std::runtime_error("pipe failed");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
  posix_spawn_file_actions_addclose(&actions, ends[0]);
  const std::string variable = "SBERT_FORCE_CPU=" + word;
  std::vector<char*> environment = {const_cast<char*>(variable.c_str())};
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view name(*entry);
    if (!name.starts_with("SBERT_FORCE_CPU=") && !name.starts_with("GTEST_")) environment.push_back(*entry);
  }
  environment.push_back(nullptr);
  std::string program = "dispatch_test", filter = "--gtest_filter=ActiveLevelTest.*";
  char* arguments[] = {program.data(), filter.data(), nullptr};
  pid_t pid = 0;
  const int error = ::posix_spawn(&pid, "/proc/self/exe", &actions, nullptr, arguments, environment.data());
  posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  Child child;
  if (error == 0) {
    char buffer[4096];
    for (ssize_t n = 0; (n = ::read(ends[0], buffer, sizeof buffer)) > 0;)
      child.output.append(buffer, static_cast<size_t>(n));
    int status = 0;
    ::waitpid(pid, &status, 0);
    if (WIFEXITED(status)) child.exit_code = WEXITSTATUS(status);
  }
  ::close(ends[0]);
  return child;
}

TEST(ForcedLevelTest, ReallyRuns) {
  for (const Level level : available_levels()) {
    const Child child = run_with_level(level_name(level));
    EXPECT_EQ(child.exit_code, 0) << level_name(level) << "\n" << child.output;
    EXPECT_NE(child.output.find("1 test from"), std::string::npos) << child.output;
  }
}

TEST(ForcedLevelTest, EmptyIsTheDefault) {
  EXPECT_EQ(run_with_level("").exit_code, 0);
}

TEST(ForcedLevelTest, AWordThatIsNoLevelIsAnError) {
  const Child unknown = run_with_level("sse9");
  EXPECT_EQ(unknown.exit_code, 1);
  EXPECT_NE(unknown.output.find("SBERT_FORCE_CPU='sse9' is not a CPU level; this machine has: reference"),
            std::string::npos)
      << unknown.output;
#if defined(__x86_64__)
  const Child lacking = run_with_level("neon");
  EXPECT_EQ(lacking.exit_code, 1);
  EXPECT_NE(lacking.output.find("this machine does not have that level"), std::string::npos) << lacking.output;
#endif
}

}  // namespace
}  // namespace sbert::kernels
