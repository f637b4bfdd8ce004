namespace Qi.Actors.Testing.Tests.Kit;

/// <summary>The package works in any test framework because it knows none.</summary>
internal sealed class IndependenceTests
{
    private static readonly string[] s_allowed = ["Qi.Actors", "System", "Microsoft.Extensions.Logging.Abstractions"];

    [Test]
    public void Package_ReferencesOnlyTheRuntimeAndLogging()
    {
        string[] strange =
        [
            .. typeof(TestSystem).Assembly.GetReferencedAssemblies().Select(name => name.Name!).Where(name => !s_allowed.Any(allowed => IsOf(name, allowed))),
        ];

        Assert.That(strange, Is.Empty);
    }

    [Test]
    public void PublicExceptions_AreOfThePackage()
        => Assert.That(typeof(ExpectationException).BaseType, Is.EqualTo(typeof(Exception)));

    private static bool IsOf(string name, string allowed)
        => name.Equals(allowed, StringComparison.Ordinal) || name.StartsWith(allowed + ".", StringComparison.Ordinal);
}
