# Two arms of 150, 25 a month, three looks at 70, 140 and 210 events, simulated the way rpact publishes: getSimulationSurvival.
# One-sided 2.5 %, O'Brien-Fleming; control median 12 months, hazard ratio as given.
# Rscript survival_three_looks_rpact.R TRIALS SEED HAZARD_RATIO

suppressMessages(library(rpact))
arguments <- as.numeric(commandArgs(trailingOnly = TRUE))
trials <- arguments[1]

design <- getDesignGroupSequential(kMax = 3, alpha = 0.025, sided = 1, typeOfDesign = "OF")

began <- proc.time()
found <- getSimulationSurvival(
  design, directionUpper = FALSE, lambda2 = log(2) / 12, hazardRatio = arguments[3],
  accrualTime = c(0, 12), accrualIntensity = 25, plannedEvents = c(70, 140, 210),
  maxNumberOfIterations = trials, seed = arguments[2]
)
spent <- proc.time() - began
seconds <- sum(spent[c("user.self", "sys.self")])

cat("rate", trials / seconds, "\n")
cat("mean", format(found$overallReject, digits = 15), "\n")
cat("error", sqrt(found$overallReject * (1 - found$overallReject) / trials), "\n")
cat("critical", format(design$criticalValues, digits = 15), "\n")
cat("reject", format(found$rejectPerStage, digits = 15), "\n")
cat("look_months", format(found$analysisTime, digits = 15), "\n")
cat("participants", found$maxNumberOfSubjects, "\n")
cat("R", paste(R.version$major, R.version$minor, sep = "."), "\n")
cat("rpact", format(packageVersion("rpact")), "\n")
