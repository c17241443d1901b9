// SQL files as they are given on the command line.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace accord::cli {

struct source_file {
  std::string name;  // "-" is standard input
  std::string text;
};

struct file_failure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

source_file read_file(const std::string& name);  // throws file_failure
void write_file(const std::string& name, const std::string& text);
std::string shown_name(const source_file&);  // <stdin> for standard input

// Several files as one script, so that each is judged on the result of those before, and the way
// back from its lines.
class script {
 public:
  explicit script(std::vector<source_file>);
  const std::string& text() const { return text_; }
  const std::vector<source_file>& files() const { return files_; }
  const std::vector<int>& first_lines() const { return first_line_; }  // of each file
  std::pair<std::string, int> place_of(int line) const;                // migrations/002.sql, 14

 private:
  std::vector<source_file> files_;
  std::vector<int> first_line_;
  std::string text_;
};

}  // namespace accord::cli
