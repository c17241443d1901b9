// Quoted names and texts read back as what they were, as the server's lexer would read them, and
// shortened names fit and stay apart.
#include "core/name.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "support/generators.hpp"

namespace accord::core {
namespace {

// What the server's lexer makes of one identifier.
std::string read_identifier(const std::string& sql) {
  if (sql.front() != '"') {
    std::string folded = sql;
    for (char& c : folded) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return folded;
  }
  std::string name;
  for (std::size_t i = 1; i + 1 < sql.size(); ++i) {
    name += sql[i];
    if (sql[i] == '"' && sql[++i] != '"') return "(ends early)";
  }
  return sql.back() == '"' && sql.size() > 1 ? name : "(does not end)";
}

// What the server's lexer makes of '...' with standard_conforming_strings on, or of E'...'.
std::string read_literal(const std::string& sql) {
  const bool escapes = sql.front() == 'E';
  std::string text;
  std::size_t i = escapes ? 2 : 1;
  for (; i < sql.size(); ++i) {
    if (escapes && sql[i] == '\\') {
      text += sql[++i];
    } else if (sql[i] == '\'') {
      if (i + 1 == sql.size()) return text;
      if (sql[++i] != '\'') return "(ends early)";
      text += '\'';
    } else {
      if (sql[i] == '\\') return "(depends on standard_conforming_strings)";
      text += sql[i];
    }
  }
  return "(does not end)";
}

std::string read_dollar_quoted(const std::string& sql) {
  const std::string tag = sql.substr(0, sql.find('$', 1) + 1);
  const std::size_t end = sql.find(tag, tag.size());
  if (end + tag.size() != sql.size()) return "(ends early)";
  return sql.substr(tag.size(), end - tag.size());
}

bool valid_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t length = lead < 0x80 ? 1 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 0;
    if (length == 0 || i + length > text.size()) return false;
    for (std::size_t k = 1; k < length; ++k) {
      if ((static_cast<unsigned char>(text[i + k]) & 0xC0) != 0x80) return false;
    }
    i += length;
  }
  return true;
}

rc::Gen<std::string> utf8_text(std::size_t most) {
  return rc::gen::map(
      rc::gen::resize(static_cast<int>(most), rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
                                                  "a", "Z", "7", "_", " ", "\"", "'", "\\", "$", "$accord", "ä", "€", "😀", "\n"))),
      [](const std::vector<std::string>& parts) {
        std::string text;
        for (const std::string& part : parts)
          text += part;
        return text;
      });
}

TEST(name, plain_names_stay_plain) {
  for (const char* name : {"flights", "dep_delay", "_x", "a1", "name", "value", "type", "public"}) {
    EXPECT_EQ(quote_identifier(name), name);
  }
}

TEST(name, names_that_need_it_are_quoted) {
  EXPECT_EQ(quote_identifier(""), "\"\"");
  EXPECT_EQ(quote_identifier("Flights"), "\"Flights\"");
  EXPECT_EQ(quote_identifier("1a"), "\"1a\"");
  EXPECT_EQ(quote_identifier("a$b"), "\"a$b\"");
  EXPECT_EQ(quote_identifier("größe"), "\"größe\"");
  EXPECT_EQ(quote_identifier("a\"; DROP TABLE t; --"), "\"a\"\"; DROP TABLE t; --\"");
}

TEST(name, keywords_of_all_supported_servers_are_quoted) {
  for (const char* word : {"select", "user", "between", "left", "all", "xmltable",  // 15
                           "system_user", "json_array",                             // since 16
                           "json", "merge_action", "json_table"}) {                 // since 17
    EXPECT_EQ(quote_identifier(word), "\"" + std::string(word) + "\"");
  }
}

TEST(name, literals) {
  EXPECT_EQ(quote_literal("it's"), "'it''s'");
  EXPECT_EQ(quote_literal("a\\b'"), "E'a\\\\b'''");
  EXPECT_EQ(quote_literal(""), "''");
}

TEST(name, dollar_quotes_avoid_their_own_tag) {
  EXPECT_EQ(dollar_quote("SELECT 1"), "$accord$SELECT 1$accord$");
  EXPECT_EQ(dollar_quote("x $accord$ y"), "$accord1$x $accord$ y$accord1$");
  EXPECT_EQ(dollar_quote("ends in $accord"), "$accord1$ends in $accord$accord1$");
}

TEST(name, qualified_names_for_sql_and_for_people) {
  const qualified_name name{"Ops", "flights"};
  EXPECT_EQ(name.sql(), "\"Ops\".flights");
  EXPECT_EQ(name.display(), "Ops.flights");
}

TEST(name, a_list_of_names) {
  EXPECT_EQ(quote_list({}), "");
  EXPECT_EQ(quote_list({"a", "B", "user"}), "a, \"B\", \"user\"");
}

TEST(name, short_names_are_not_touched) {
  EXPECT_EQ(fitted_name("_accord_1_", "dep_delay"), "_accord_1_dep_delay");
  const std::string exact(max_name_bytes, 'x');
  EXPECT_EQ(fitted_name("", exact), exact);
}

RC_GTEST_PROP(name, a_quoted_identifier_reads_back, ()) {
  const std::string name = *rc::gen::oneOf(utf8_text(12), test::any_name());
  RC_PRE(!name.empty());
  RC_ASSERT(read_identifier(quote_identifier(name)) == name);
}

RC_GTEST_PROP(name, a_quoted_literal_reads_back, ()) {
  const std::string text = *utf8_text(20);
  RC_ASSERT(read_literal(quote_literal(text)) == text);
}

RC_GTEST_PROP(name, a_dollar_quoted_text_reads_back, ()) {
  const std::string text = *utf8_text(20);
  RC_ASSERT(read_dollar_quoted(dollar_quote(text)) == text);
}

RC_GTEST_PROP(name, a_fitted_name_fits_and_cuts_no_character, ()) {
  const std::string fitted = fitted_name("_accord_12_", *utf8_text(100));
  RC_ASSERT(fitted.size() <= max_name_bytes);
  RC_ASSERT(valid_utf8(fitted));
}

RC_GTEST_PROP(name, different_long_names_stay_different, ()) {
  const std::string start(60, 'n');
  const std::string a = start + *utf8_text(30), b = start + *utf8_text(30);
  RC_PRE(a != b);
  RC_ASSERT(fitted_name("_accord_12_", a) != fitted_name("_accord_12_", b));
  RC_ASSERT(fitted_name("_accord_12_", a) == fitted_name("_accord_12_", a));
}

}  // namespace
}  // namespace accord::core
