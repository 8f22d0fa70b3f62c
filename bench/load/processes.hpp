// CPU time and memory of a process and its descendants, and the clocks of the load programs.
#pragma once

#include <sys/resource.h>
#include <time.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

inline int64_t now_ns() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return int64_t(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

inline double own_cpu_s() {
  timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return double(time.tv_sec) + double(time.tv_nsec) / 1e9;
}

// Value of a "Name:   123 kB" line of /proc/PID/status; 0 when the process is gone.
inline long status_value(int pid, const std::string& name) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with(name)) return std::atol(line.c_str() + name.size());
  return 0;
}

// A process and its descendants, as they were when the group was taken.
class Group {
 public:
  static Group of(int root) {
    Group group;
    if (root <= 0) return group;
    std::map<int, int> parents;
    for (const auto& entry : std::filesystem::directory_iterator("/proc"))
      if (const int pid = std::atoi(entry.path().filename().c_str()); pid > 0)
        parents[pid] = int(status_value(pid, "PPid:"));
    group.pids_.push_back(root);
    for (size_t i = 0; i < group.pids_.size(); i++)
      for (const auto& [pid, parent] : parents)
        if (parent == group.pids_[i]) group.pids_.push_back(pid);
    return group;
  }

  // User and system seconds, exact to the nanosecond.
  double cpu_s() const {
    double sum = 0;
    for (const int pid : pids_) {
      clockid_t clock;
      timespec time;
      if (clock_getcpuclockid(pid, &clock) == 0 && clock_gettime(clock, &time) == 0)
        sum += double(time.tv_sec) + double(time.tv_nsec) / 1e9;
    }
    return sum;
  }

  double rss_mib() const {
    double sum = 0;
    for (const int pid : pids_) sum += double(status_value(pid, "VmRSS:")) / 1024;
    return sum;
  }

 private:
  std::vector<int> pids_;
};
