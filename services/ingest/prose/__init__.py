"""What every format needs to know of running text: sentences, paragraphs, opening lines, markup."""
