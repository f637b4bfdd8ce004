using System.Diagnostics;
using System.Reflection;
using System.Runtime.Loader;

using Qi.Actors.Model.Mutants;
using Qi.Actors.Model.Scenarios;

namespace Qi.Actors.Model;

/// <summary>The checker must catch what it is there for.</summary>
[Category("Model")]
[Parallelizable(ParallelScope.Children)]
internal sealed class MutantTests
{
    private static readonly Lazy<MutantCompiler> s_compiler = new(() => new MutantCompiler());

    public static IEnumerable<Mutant> All => MutantList.All;

    [TestCaseSource(nameof(All))]
    public void Mutant_InItsProtocolsScenarios_IsCaught(Mutant mutant)
    {
        Assert.That(s_compiler.Value.Misfit(mutant), Is.Null);
        string? failure = Explore(mutant, mutant.Protocol);
        TestContext.Out.WriteLine(failure?.Split(Environment.NewLine)[..2].Aggregate((left, right) => $"{left}{Environment.NewLine}{right}"));
        Assert.That(failure, Is.Not.Null, $"It survived. {mutant.Breaks}");
    }

    [Test]
    public void Sources_Unchanged_AreNotCaught() => Assert.That(Explore(null, "mailbox"), Is.Null);

    [Test]
    public void Protocols_AllHaveMutants()
        => Assert.That(
            ScenarioList.All.Select(entry => entry.Protocol).ToHashSet(StringComparer.Ordinal),
            Is.EquivalentTo(MutantList.All.Select(mutant => mutant.Protocol).ToHashSet(StringComparer.Ordinal)));

    private static string? Explore(Mutant? mutant, string protocol)
    {
        var watch = Stopwatch.StartNew();
        var context = new AssemblyLoadContext(mutant?.Name, isCollectible: true);
        try
        {
            var assembly = s_compiler.Value.Load(mutant, context);
            TestContext.Out.WriteLine($"Compiled in {watch.Elapsed.TotalSeconds:0.0} s");
            var entry = assembly.GetType("Qi.Actors.Model.Controller.ModelEntry", throwOnError: true)!;
            var find = entry.GetMethod("FindFailure", BindingFlags.Static | BindingFlags.Public)!;
            return (string?)find.Invoke(null, BindingFlags.DoNotWrapExceptions, null, [protocol], null);
        }
        finally
        {
            context.Unload();
            TestContext.Out.WriteLine($"Done in {watch.Elapsed.TotalSeconds:0.0} s");
        }
    }
}
