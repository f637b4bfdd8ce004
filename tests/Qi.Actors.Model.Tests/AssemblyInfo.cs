// Scenarios and mutants are explored two at a time, each in an assembly of its own.

[assembly: LevelOfParallelism(2)]
