// Random programs: a list of steps is generated, run against a fresh subject that carries its model, and, if a step finds a
// difference, shrunk to a short list that still does. FsCheck generates and drives the shrinking; which lists are shorter is said here.
// Source: K. Claessen and J. Hughes, "Testing monadic code with QuickCheck", Haskell Workshop 2002.

using System.Diagnostics;

using FsCheck;
using FsCheck.Fluent;

using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;

namespace Qi.Actors.Properties.Tests.Kit;

/// <summary>Checks subjects by random programs.</summary>
internal static class Programs
{
    // A program that hangs costs its whole bound each time; then what has been found so far must do.
    private static readonly TimeSpan s_shrinking = TimeSpan.FromSeconds(60);

    /// <summary>Runs random programs of up to <paramref name="longest"/> steps; fails the test with the shortest one that fails.</summary>
    /// <param name="create">Makes a subject in its first state; disposed of after its program.</param>
    /// <param name="steps">Generates one step.</param>
    /// <param name="finish">Compares subject and model after the last step.</param>
    /// <param name="runs">How many programs.</param>
    /// <param name="longest">The length of the longest ones.</param>
    public static void Check<TSubject>(
        Func<TSubject> create,
        Gen<Step<TSubject>> steps,
        Action<TSubject>? finish = null,
        int runs = 300,
        int longest = 100)
    {
        string? message = Find(create, steps, finish, Replay.Runs(runs), longest, Environment.GetEnvironmentVariable(Replay.Variable));
        if (message is not null)
            Assert.Fail(message);
    }

    /// <summary>The same, but returns what it found: null if every program ran.</summary>
    public static string? Find<TSubject>(
        Func<TSubject> create,
        Gen<Step<TSubject>> steps,
        Action<TSubject>? finish,
        int runs,
        int longest,
        string? replay)
    {
        var shrinking = new Stopwatch();
        var program = Arb.From(steps.ArrayOf(), program => Shorter(program, shrinking));
        var verdict = new Verdict();
        var config = Config.Quick
            .WithMaxTest(runs)
            .WithStartSize(1)
            .WithEndSize(longest)
            .WithRunner(verdict);
        if (Replay.Parse(replay) is { } beginning)
            config = config.WithReplay(FSharpOption<FsCheck.Replay>.Some(beginning));
        FsCheck.Check.One(config, Prop.ForAll(program, steps => Run(create, steps, finish)));
        return verdict.Failure is { } failure ? Describe<TSubject>(failure) : null;
    }

    private static void Run<TSubject>(Func<TSubject> create, Step<TSubject>[] steps, Action<TSubject>? finish)
    {
        var subject = create();
        try
        {
            for (int i = 0; i < steps.Length; i++)
            {
                try
                {
                    steps[i].Run(subject);
                }
                catch (Exception e)
                {
                    throw new MismatchException($"Step {i + 1}, {steps[i]}: {Message(e)}");
                }
            }

            try
            {
                finish?.Invoke(subject);
            }
            catch (Exception e)
            {
                throw new MismatchException($"After the last step: {Message(e)}");
            }
        }
        finally
        {
            (subject as IDisposable)?.Dispose();
        }
    }

    // Large pieces first, then single steps, then simpler steps.
    private static IEnumerable<Step<TSubject>[]> Shorter<TSubject>(Step<TSubject>[] steps, Stopwatch shrinking)
    {
        shrinking.Start();
        for (int piece = Math.Max(1, steps.Length / 2); piece > 0 && steps.Length > 0; piece /= 2)
        {
            for (int start = 0; start < steps.Length; start += piece)
            {
                if (shrinking.Elapsed > s_shrinking)
                    yield break;
                yield return [.. steps[..start], .. steps[Math.Min(start + piece, steps.Length)..]];
            }
        }

        for (int i = 0; i < steps.Length; i++)
        {
            foreach (var simpler in steps[i].Simpler())
            {
                if (shrinking.Elapsed > s_shrinking)
                    yield break;
                yield return [.. steps[..i], simpler, .. steps[(i + 1)..]];
            }
        }
    }

    private static string Message(Exception e) => e is MismatchException ? e.Message : e.ToString();

    private static string Describe<TSubject>(TestResult.Failed failure)
    {
        var steps = (Step<TSubject>[])failure.Item3.Head;
        var outcome = failure.Item4 as Outcome.Failed;
        string replay = Replay.Text(failure.Item6, failure.Item7);
        string name = string.Join('.', TestContext.CurrentContext.Test.FullName.Split('(')[0].Split('.')[^2..]);
        return $"""
            {name} does not hold. It was found by program {failure.Item1.NumberOfTests}, of {((Step<TSubject>[])failure.Item2.Head).Length} steps. Shrunk {failure.Item1.NumberOfShrinks} times it has {steps.Length}:

              {string.Join(Environment.NewLine + "  ", steps.Select(step => step.ToString()))}

            {outcome?.Item.Message}

            Seed {replay}. Again with:
              {Replay.Variable}={replay} dotnet test tests/Qi.Actors.Properties.Tests -c Release --filter "FullyQualifiedName~{name}"
            """;
    }

    private sealed class Verdict : IRunner
    {
        public TestResult.Failed? Failure { get; private set; }

        public void OnStartFixture(Type t)
        {
        }

        public void OnArguments(int ntest, FSharpList<object> args, FSharpFunc<int, FSharpFunc<FSharpList<object>, string>> every)
        {
        }

        public void OnShrink(FSharpList<object> args, FSharpFunc<FSharpList<object>, string> everyShrink)
        {
        }

        public void OnFinished(string name, TestResult result)
        {
            Failure = result as TestResult.Failed;
            if (result.IsExhausted)
                throw new InvalidOperationException("The generator ran dry.");
        }
    }
}
