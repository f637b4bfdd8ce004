// Mutants are compiled and explored two at a time, each in an assembly of its own; scenarios of this assembly one at a time.

[assembly: LevelOfParallelism(2)]
