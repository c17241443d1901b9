// Running another program, without a shell.
#pragma once

#include <string>
#include <vector>

namespace accord::cli {

// Its output is appended to `log`; its exit status, -1 where a signal ended it.  `account`: run as this user.
int run_program(const std::vector<std::string>& words, const std::string& log, const std::string& account = {});

std::string text_of_file(const std::string& file);  // empty where it cannot be read

// A folder that goes away with the object.
class scratch_folder {
 public:
  scratch_folder();
  ~scratch_folder();
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace accord::cli
