#pragma once

#include <cstddef>
#include <functional>

namespace sbert::common {

/// The threads of the process. `run` may be called from several threads at once, and from inside a task.
class ThreadPool {
 public:
  /// The one pool. In the child of a fork it starts anew.
  static ThreadPool& instance();

  size_t num_threads() const;
  /// 0 restores default_thread_count().
  void set_num_threads(size_t threads);

  /// Calls `task(i)` once for each i in [0, count), at most num_threads() at a time, the caller's thread among them,
  /// and returns when all are done. Indices are started in ascending order. When tasks throw, no further one is started
  /// and the first exception is rethrown here.
  void run(size_t count, const std::function<void(size_t index)>& task);

 private:
  struct State;
  ThreadPool();
  ~ThreadPool() = delete;  // lives as long as the process: its threads may outlive main's statics
  State* state_;
};

}  // namespace sbert::common
