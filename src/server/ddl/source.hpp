// source: the user's own words for a part of a statement, cut out of its text with the server's scanner.
//
// A parse tree keeps where things begin and not where they end, and drops parentheses.  What must be kept verbatim (USING, CHECK) is
// therefore cut out by tokens.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pg/bridge.hpp"

namespace accord::ddl {

class source {
 public:
  source() = default;
  explicit source(std::string_view text);  // empty text: every cut is empty

  struct token {
    int begin, end;
  };

  bool known() const { return !text_.empty(); }
  const std::vector<token>& tokens() const { return tokens_; }
  std::string_view word(const token& t) const {
    return std::string_view(text_).substr(static_cast<std::size_t>(t.begin), static_cast<std::size_t>(t.end - t.begin));
  }

  // From the first token to the end of the last, semicolons left out.
  std::pair<int, int> extent() const;
  // The expression after the first keyword USING at or behind `from`, up to the comma or semicolon that ends the subcommand.
  std::string using_expression(int from) const;
  // What is between the first parenthesis at or behind `from` and its counterpart.
  std::string parenthesised(int from) const;
  // What is between the parentheses behind the last keyword EXPRESSION before `from`.
  std::string generation_expression(int from) const;
  // What follows the name at `from`, which can be qualified, up to the keyword WHERE or the end of the subcommand; and what is behind WHERE.
  std::pair<std::string, std::string> behind_name(int from) const;
  // From `from` to the comma or semicolon outside parentheses that ends the subcommand.
  std::string to_end_of_subcommand(int from) const;

 private:
  std::size_t first_at(int from) const;
  std::size_t end_of_subcommand(std::size_t token) const;
  std::string cut(std::size_t first, std::size_t past) const;

  std::string text_;
  std::vector<token> tokens_;
};

}  // namespace accord::ddl
