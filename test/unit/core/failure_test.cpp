// Every error of the core follows PostgreSQL's error message style guide, and the checker itself
// can fail.
#include "core/failure.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/errors.hpp"
#include "support/style.hpp"

namespace accord::core {
namespace {

using test::style_complaints;
using testing::IsEmpty;
using testing::Not;

TEST(failure, carries_what_a_user_reads) {
  const failure error{"AC001", "cannot do it", "There is a reason.", "Do it otherwise."};
  EXPECT_STREQ(error.what(), "cannot do it");
  EXPECT_EQ(error.sqlstate, "AC001");
  EXPECT_EQ(error.detail, "There is a reason.");
  EXPECT_EQ(error.hint, "Do it otherwise.");
}

TEST(failure, every_error_of_the_core_follows_the_style_guide) {
  for (const failure& error :
       {errors::invalid_version("one"), errors::version_too_large("12345678901"), errors::unrecognized_strictness("rough"),
        errors::unrecognized_access("peek"), errors::unrecognized_level("some"), errors::not_a_shape("The text is not JSON."),
        errors::unsupported_shape_format(7)}) {
    EXPECT_THAT(style_complaints(error), IsEmpty()) << error.message;
  }
}

TEST(failure, the_style_checker_finds_what_the_guide_forbids) {
  for (const failure& error : {
           failure{"AC1", "cannot do it"},                           // SQLSTATE too short
           failure{"AC001", ""},                                     //
           failure{"AC001", "Cannot do it"},                         // capital
           failure{"AC001", "cannot do it."},                        // period
           failure{"AC001", "cannot do it\nat all"},                 // two lines
           failure{"AC001", "stage() failed"},                       // function name
           failure{"AC001", "unknown table \"t\""},                  // banned word
           failure{"AC001", "cannot drop 'a'"},                      // wrong quotes
           failure{"AC001", "cannot do it", "no capital."},          //
           failure{"AC001", "cannot do it", "No period"},            //
           failure{"AC001", "cannot do it", "One. Two."},            // one space
           failure{"AC001", "cannot do it", {}, "You may try it."},  // may
           failure{"AC001", "cannot do it", {}, "Don't."},           // contraction
       }) {
    EXPECT_THAT(style_complaints(error), Not(IsEmpty())) << error.message << error.detail;
  }
}

}  // namespace
}  // namespace accord::core
