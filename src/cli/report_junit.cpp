// JUnit XML.  See report.hpp.
#include <algorithm>
#include <fmt/format.h>
#include <map>

#include "cli/report.hpp"

namespace accord::cli {

namespace {

// The length of the UTF-8 sequence that begins here and stands for a character that XML 1.0 allows; 0: none does.
std::size_t allowed_sequence(std::string_view text) {
  auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  unsigned char first = byte(0);
  if (first < 0x80) return first >= 0x20 || first == '\t' || first == '\n' || first == '\r' ? 1 : 0;
  std::size_t length = first >= 0xF0 && first < 0xF5 ? 4 : first >= 0xE0 ? 3 : first >= 0xC2 ? 2 : 0;
  if (first >= 0xF5 || length == 0 || text.size() < length) return 0;
  char32_t point = first & (0xFF >> (length + 1));
  for (std::size_t i = 1; i < length; i++) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
    point = (point << 6) | (byte(i) & 0x3F);
  }
  bool overlong = (length == 3 && point < 0x800) || (length == 4 && point < 0x10000);
  bool forbidden = (point >= 0xD800 && point <= 0xDFFF) || point == 0xFFFE || point == 0xFFFF || point > 0x10FFFF;
  return overlong || forbidden ? 0 : length;
}

std::string escaped(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    std::size_t length = allowed_sequence(text);
    auto sequence = text.substr(0, std::max<std::size_t>(length, 1));
    if (length == 0)
      result += "\uFFFD";
    else if (sequence == "&")
      result += "&amp;";
    else if (sequence == "<")
      result += "&lt;";
    else if (sequence == ">")
      result += "&gt;";
    else if (sequence == "\"")
      result += "&quot;";
    else if (sequence == "\n")
      result += "&#10;";
    else if (sequence == "\r")
      result += "&#13;";
    else if (sequence == "\t")
      result += "&#9;";
    else
      result += sequence;
    text.remove_prefix(sequence.size());
  }
  return result;
}

std::string shown_line(const std::string& statement) {
  auto line = statement.substr(0, statement.find('\n'));
  while (!line.empty() && line.back() == '\r')
    line.pop_back();
  return line.size() == statement.size() ? line : line + " …";
}

struct suite {
  int tests = 0, failures = 0, errors = 0, skipped = 0;
  std::string cases;

  void add(const std::string& name, const finding& f, fail_on from) {
    tests++;
    std::string label = fmt::format("line {}: {}{}", f.file_line, shown_line(f.statement), f.rule.empty() ? "" : " [" + f.rule + "]");
    cases += fmt::format("    <testcase classname=\"{}\" name=\"{}\"", escaped(name), escaped(label));
    std::string message = escaped(message_of(f));
    std::string body = f.statement, safe = f.detail("safe_sql");
    if (!safe.empty()) body += "\n\nInstead: " + safe;
    body = escaped(f.place() + "\n" + body);
    if (f.severity == "ok") {
      cases += "/>\n";
    } else if (f.suppressed) {
      skipped++;
      cases += fmt::format(">\n      <skipped message=\"{}\"/>\n    </testcase>\n",
                           escaped(fmt::format("{} until {}: {}", f.suppressed->by, f.suppressed->until, f.suppressed->reason)));
    } else if (f.severity != "unknown" && !fails(f, from)) {
      cases += fmt::format(">\n      <system-out>{}&#10;{}</system-out>\n    </testcase>\n", message, body);
    } else {
      bool failure = f.severity != "unknown";
      (failure ? failures : errors)++;
      const char* tag = failure ? "failure" : "error";
      cases += fmt::format(">\n      <{0} type=\"{1}\" message=\"{2}\">{3}</{0}>\n    </testcase>\n", tag, escaped(f.rule), message, body);
    }
  }
};

}  // namespace

std::string as_junit(const findings& found, const script& s, fail_on from) {
  std::vector<std::string> order;
  std::map<std::string, suite> suites;
  for (const auto& file : s.files())
    if (suites.try_emplace(shown_name(file)).second) order.push_back(shown_name(file));
  for (const auto& f : found.all) {
    if (suites.try_emplace(f.file).second) order.push_back(f.file);
    suites[f.file].add(f.file, f, from);
  }
  suite total;
  std::string body;
  for (const auto& name : order) {
    const auto& one = suites[name];
    total.tests += one.tests;
    total.failures += one.failures;
    total.errors += one.errors;
    total.skipped += one.skipped;
    body += fmt::format("  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\">\n{}  </testsuite>\n",
                        escaped(name), one.tests, one.failures, one.errors, one.skipped, one.cases);
  }
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"accord check\" tests=\"{}\" failures=\"{}\" errors=\"{}\" "
      "skipped=\"{}\">\n{}</testsuites>\n",
      total.tests, total.failures, total.errors, total.skipped, body);
}

}  // namespace accord::cli
