// What a simulation promises: one seed, one order, in every process; other seeds, other orders; and virtual time that passes much faster
// than real time.

using System.Diagnostics;
using System.Globalization;

using Qi.Actors.Load.Contenders;
using Qi.Actors.Testing;

namespace Qi.Actors.Load.Simulated;

/// <summary>Checks the bars of the deterministic simulation.</summary>
internal static class SimulateCommand
{
    private const double LeastShareOfOrders = 0.9;
    private const double MostSeconds = 10;

    public static int Run(Arguments arguments)
    {
        arguments.Allow("seed", "seeds", "actors", "seconds", "print-signature");
        ulong seed = (ulong)arguments.Number("seed", 1);
        if (arguments.Number("print-signature", 0, least: 0) > 0)
        {
            Console.WriteLine(SignatureOf(seed));
            return ExitCodes.Passed;
        }

        bool isGood = CheckRepetition(seed);
        isGood &= CheckVariety((int)arguments.Number("seeds", 1000));
        isGood &= CheckSpeed(seed, (int)arguments.Number("actors", 1000), arguments.Number("seconds", 10_000));
        Console.WriteLine(isGood ? "PASS" : "FAIL");
        return isGood ? ExitCodes.Passed : ExitCodes.Failed;
    }

    private static bool CheckRepetition(ulong seed)
    {
        string first = SignatureOf(seed);
        string second = SignatureOf(seed);
        string other = SignatureOfAnotherProcess(seed);
        bool isGood = first == second && first == other;
        Console.WriteLine($"Seed {seed}: order {first}, again {second}, in another process {other}  {Verdict(isGood)}");
        return isGood;
    }

    private static bool CheckVariety(int seeds)
    {
        var report = Simulation.Search(Seeds.First(seeds), sim => Traffic.RunAsync(sim));
        bool isGood = report.Failure is null && report.Orders > seeds * LeastShareOfOrders;
        Console.WriteLine(
            $"{seeds:N0} seeds: {report.Orders:N0} different orders, {report.Turns:N0} turns in {report.Elapsed.TotalSeconds:0.0} s{(report.Failure is { } failure ? $"; seed {failure.Seed} failed: {failure.Failure!.Message}" : "")}  {Verdict(isGood)}");
        return isGood;
    }

    private static bool CheckSpeed(ulong seed, int actors, long seconds)
    {
        long beats = 0;
        var report = Simulation.Run(seed, async sim =>
        {
            for (int i = 0; i < actors; i++)
            {
                var actor = sim.System.Spawn<int>(_ => beats++);
                sim.System.Schedule(actor, i, TimeSpan.FromMilliseconds(i), TimeSpan.FromSeconds(1));
            }

            await sim.DelayAsync(TimeSpan.FromSeconds(seconds));
        });
        bool isGood = report.RealTime.TotalSeconds < MostSeconds && beats >= actors * (seconds - 2);
        Console.WriteLine(
            $"{actors:N0} actors with a beat a second, {seconds:N0} s of virtual time: {beats:N0} beats, {report.Turns:N0} turns in {report.RealTime.TotalSeconds:0.00} s  {Verdict(isGood)}");
        return isGood;
    }

    private static string SignatureOf(ulong seed)
        => Simulation.Run(seed, sim => Traffic.RunAsync(sim)).Signature.ToString("x16", CultureInfo.InvariantCulture);

    private static string SignatureOfAnotherProcess(ulong seed)
    {
        string[] command = [.. DotNetContenders.ThisProgram(), "simulate", "--print-signature", "1", "--seed", seed.ToString(CultureInfo.InvariantCulture)];
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, UseShellExecute = false })!;
        string printed = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return printed.Trim();
    }

    private static string Verdict(bool isGood) => isGood ? "pass" : "FAIL";
}
