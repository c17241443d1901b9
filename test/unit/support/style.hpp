// style_complaints: what PostgreSQL's error message style guide would say about an error.
//
// Every folder walks the table of its own errors through this, so that a new message is held to the
// guide without a reviewer.
#pragma once

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>
#include <vector>

#include "core/failure.hpp"

namespace accord::test {

inline std::string without_quoted(std::string_view text) {
  std::string result;  // what stands in double quotes is the user's, not ours
  bool inside = false;
  for (char c : text) {
    if (c == '"') inside = !inside;
    if (!inside) result += c;
  }
  return result;
}

inline std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words(1);
  for (char c : text) {
    if (std::isalpha(static_cast<unsigned char>(c)) || c == '\'' || c == '-') {
      words.back() += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    } else if (!words.back().empty()) {
      words.emplace_back();
    }
  }
  return words;
}

inline std::vector<std::string> style_complaints(const core::failure& error) {
  std::vector<std::string> complaints;
  const auto complain = [&](bool when, std::string text) {
    if (when) complaints.push_back(std::move(text));
  };

  complain(error.sqlstate.size() != 5 || !std::all_of(error.sqlstate.begin(), error.sqlstate.end(),
                                                      [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'); }),
           "the SQLSTATE is not five upper case letters and digits");

  const std::string& primary = error.message;
  complain(primary.empty(), "the primary message is empty");
  // A command tag such as ALTER TABLE may stand first: two capitals in a row.
  complain(
      primary.size() > 1 && std::isupper(static_cast<unsigned char>(primary[0])) && !std::isupper(static_cast<unsigned char>(primary[1])),
      "the primary message starts with a capital");
  complain(primary.ends_with('.') || primary.ends_with('!'), "the primary message ends in a period");
  complain(primary.find('\n') != std::string::npos, "the primary message has two lines");
  complain(primary.find("()") != std::string::npos, "the primary message names a function");
  complain(std::count(primary.begin(), primary.end(), '"') % 2 != 0, "a quote is not closed");
  complain(primary.find('\'') != std::string::npos, "names are quoted with double quotes");

  const auto sentences = [&](const std::string& text, const std::string& part) {
    if (text.empty()) return;
    const auto first = static_cast<unsigned char>(text.front());
    complain(!std::isupper(first) && first != '"', part + " does not start with a capital");
    complain(!text.ends_with('.') && !text.ends_with(';'), part + " does not end in a period");
    const std::string own = without_quoted(text);
    for (std::size_t at = own.find(". "); at != std::string::npos; at = own.find(". ", at + 1)) {
      if (at > 1 && own.compare(at - 2, 3, "...") == 0) continue;  // something is left out there
      const bool two = at + 2 < own.size() && own[at + 2] == ' ';
      complain(!two, part + " has one space between sentences");
    }
  };
  sentences(error.detail, "the detail");
  sentences(error.hint, "the hint");

  for (const std::string& text : {error.message, error.detail, error.hint}) {
    for (const std::string& word : words_of(without_quoted(text))) {
      for (std::string_view banned : {"unable", "bad", "illegal", "unknown", "may", "non-negative", "can't", "don't", "doesn't", "isn't",
                                      "won't", "couldn't", "spec", "stats", "auth", "xact"}) {
        complain(word == banned, "the text says \"" + word + "\"");
      }
    }
  }
  return complaints;
}

}  // namespace accord::test
