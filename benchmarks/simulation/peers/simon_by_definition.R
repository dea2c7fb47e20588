# Simon's two-stage designs by complete search, straight from the definition (Simon 1989): every n up to NMAX, every n1, r1 and r.
# Vectorised over r1 and r. Prints the optimal and the minimax design and the processor time of one search.
# Rscript simon_by_definition.R P0 P1 ALPHA BETA NMAX

given <- as.numeric(commandArgs(trailingOnly = TRUE))
p0 <- given[1]; p1 <- given[2]; alpha <- given[3]; beta <- given[4]; most <- given[5]

search <- function() {
  found <- NULL
  for (n in 2:most) {
    for (n1 in 1:(n - 1)) {
      r1 <- 0:(n1 - 1)
      stop1 <- pbinom(r1, n1, p1)
      r1 <- r1[stop1 <= beta]
      if (length(r1) == 0) next
      expected <- n1 + (1 - pbinom(r1, n1, p0)) * (n - n1)
      x <- 0:n1
      for (r in (min(r1) + 1):(n - 1)) {
        goes_on <- outer(r1, x, "<")
        size <- goes_on %*% (dbinom(x, n1, p0) * pbinom(r - x, n - n1, p0, lower.tail = FALSE))
        power <- goes_on %*% (dbinom(x, n1, p1) * pbinom(r - x, n - n1, p1, lower.tail = FALSE))
        good <- which(size <= alpha & power >= 1 - beta & r1 < r)
        if (length(good) > 0) found <- rbind(found, cbind(r1[good], n1, r, n, expected[good]))
      }
    }
  }
  found
}

began <- proc.time()
found <- search()
spent <- proc.time() - began
optimal <- found[order(found[, 5], found[, 4], -found[, 3])[1], ]
minimax <- found[order(found[, 4], found[, 5], -found[, 3])[1], ]
cat("optimal", format(optimal, digits = 12), "\n")
cat("minimax", format(minimax, digits = 12), "\n")
cat("seconds", sum(spent[c("user.self", "sys.self")]), "\n")
cat("R", paste(R.version$major, R.version$minor, sep = "."), "\n")
