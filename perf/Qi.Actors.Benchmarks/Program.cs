// BenchmarkDotNet 0.14.0 does not know .NET 10: its default toolchain generates a project for a runtime that it cannot name and
// runs nothing. So every job runs in this process, through the toolchain that emits the loops instead of building a project;
// the engine that measures is the same.

using BenchmarkDotNet.Running;

using Qi.Actors.Benchmarks;

const string InProcess = "--inProcess";

BenchmarkSwitcher.FromAssembly(typeof(WorkloadBenchmark).Assembly).Run(args.Contains(InProcess, StringComparer.OrdinalIgnoreCase) ? args : [.. args, InProcess]);
