#include "common/cpu_count.h"

#include <gtest/gtest.h>
#include <sched.h>

namespace sbert::common {
namespace {

class CpuCountTest : public testing::Test {
 protected:
  CpuCountTest() { EXPECT_EQ(sched_getaffinity(0, sizeof mask, &mask), 0); }
  ~CpuCountTest() override { sched_setaffinity(0, sizeof mask, &mask); }

  cpu_set_t mask{};  // as the test was started
};

TEST_F(CpuCountTest, IsPositiveAndAtMostTheAffinityMask) {
  EXPECT_GE(default_thread_count(), 1u);
  EXPECT_LE(default_thread_count(), static_cast<size_t>(CPU_COUNT(&mask)));
}

TEST_F(CpuCountTest, IsOneWithOneCpu) {
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (!CPU_ISSET(cpu, &mask)) continue;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    ASSERT_EQ(sched_setaffinity(0, sizeof one, &one), 0);
    EXPECT_EQ(default_thread_count(), 1u) << "CPU " << cpu;
  }
}

TEST_F(CpuCountTest, DoesNotFallWithMoreCpus) {
  cpu_set_t growing;
  CPU_ZERO(&growing);
  size_t last = 0;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (!CPU_ISSET(cpu, &mask)) continue;
    CPU_SET(cpu, &growing);
    ASSERT_EQ(sched_setaffinity(0, sizeof growing, &growing), 0);
    EXPECT_GE(default_thread_count(), last);
    EXPECT_LE(default_thread_count(), static_cast<size_t>(CPU_COUNT(&growing)));
    last = default_thread_count();
  }
}

}  // namespace
}  // namespace sbert::common
