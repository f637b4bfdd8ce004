using System.Text.RegularExpressions;

using Qi.Actors.Model.Controller;
using Qi.Actors.Model.Scenarios;

namespace Qi.Actors.Model;

/// <summary>Repeats a schedule that a report names; without one it repeats the schedule in which nobody is interrupted.</summary>
[Category("Model")]
internal sealed class ReplayTests
{
    private const string Variable = "QI_MODEL_REPLAY";

    [Test]
    public void Replay_OfTheGivenSchedule_DoesNotFail()
    {
        using var explorer = new Explorer();
        string steps = Replay(explorer, Environment.GetEnvironmentVariable(Variable) ?? "Mailbox/plain/", out string? failure);

        TestContext.Out.WriteLine(steps);
        Assert.That(failure, Is.Null);
    }

    /// <summary>Repeats "scenario/plain or delays/schedule".</summary>
    internal static string Replay(Explorer explorer, string name, out string? failure)
    {
        string[] parts = name.Split('/');
        var entry = ScenarioList.All.Concat(Specimens.All).Single(entry => entry.Name == parts[0]);
        return explorer.Replay(entry, parts[2], parts[1] == "delays", out failure);
    }

    /// <summary>The name of the replay in a report.</summary>
    internal static string NameIn(string report)
        => Regex.Match(report, Variable + "='(?<name>[^']*)'", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1)).Groups["name"].Value;
}
