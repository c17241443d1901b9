// edge_values: values at which conversions between types show what they lose, as the type's input function reads them.
#pragma once

#include <span>
#include <string_view>

namespace accord::core {

// By the type's name without modifier (character varying); empty where none are known.
std::span<const char* const> edge_values(std::string_view type);

}  // namespace accord::core
