namespace Qi.Actors.House.Tests;

/// <summary>How a guard says what it found.</summary>
internal static class Findings
{
    /// <summary>Fails with every finding on a line of its own.</summary>
    public static void AssertNone(IEnumerable<string> findings, string whatToDo)
    {
        string[] all = [.. findings];
        if (all.Length > 0)
            Assert.Fail($"{all.Length} finding(s). {whatToDo}\n  {string.Join("\n  ", all)}");
    }
}
