"""The decisions of `prequal`: pure, on states and facts handed in."""
