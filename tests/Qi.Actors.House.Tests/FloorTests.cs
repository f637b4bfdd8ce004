using System.Xml.Linq;

namespace Qi.Actors.House.Tests;

internal sealed class FloorTests
{
    private const string Collections = "src/Qi.Actors/Collections/Ring.cs";
    private const string Scheduling = "src/Qi.Actors/Scheduling/Dispatcher.cs";

    [Test]
    public void Sources_OfEveryRoom_UseOnlyTheirOwnAndLowerFloors()
    {
        FloorChecker checker = FloorChecker.Check(
            Repository.Files("src/Qi.Actors", path => path.EndsWith(".cs", StringComparison.Ordinal)));
        WaiverList waivers = WaiverList.Load("FloorWaivers.txt");

        string[] violations =
        [
            .. checker.Violations.Where(found => !waivers.Covers(found.Path, found.Used)).Select(found => found.ToString()),
        ];
        Findings.AssertNone(
            checker.Obstacles.Concat(violations).Concat(waivers.Problems()),
            "A floor may use only floors below it: move the type down, turn the dependency round, or write a waiver with its " +
            "reason in FloorWaivers.txt.");
    }

    [Test]
    public void Platform_ProjectFile_ReferencesNothing()
    {
        XDocument project = XDocument.Load(Path.Combine(Repository.Root, "src/Qi.Actors.Platform/Qi.Actors.Platform.csproj"));

        Assert.That(
            project.Descendants().Where(element => element.Name.LocalName is "PackageReference" or "ProjectReference"),
            Is.Empty,
            "Floor 0 stands on the base class library alone.");
    }

    [TestCase("class Ring { Dispatcher? _owner; }", "Ring", TestName = "Check_FieldOfHigherType_IsFound")]
    [TestCase("class Ring : Dispatcher { }", "Ring", TestName = "Check_HigherBase_IsFound")]
    [TestCase("class Ring { void Go() { var d = Dispatcher.Current(); } }", "Ring", TestName = "Check_StaticCall_IsFound")]
    [TestCase("class Ring { class Slot { List<Dispatcher>? all; } }", "Ring.Slot", TestName = "Check_TypeArgument_IsFound")]
    [TestCase("class Ring { void Go(string s) { s.Wake(); } }", "Ring", TestName = "Check_ExtensionCall_IsFound")]
    [TestCase("class Ring { object Go(Ring r) => r.Make(); }", "Ring", TestName = "Check_ExtensionOnOwn_IsFound")]
    public void Check_PlantedUseOfAHigherFloor_IsFound(string lower, string user)
    {
        FloorChecker checker = Check(
            (Collections, "using Qi.Actors.Scheduling; namespace Qi.Actors.Collections;\n" + lower),
            (Scheduling, """
                namespace Qi.Actors.Scheduling;
                using Qi.Actors.Collections;
                class Dispatcher { public static Dispatcher Current() => new(); }
                static class Waking { public static void Wake(this string s) { } public static object Make(this Ring r) => r; }
                """));

        Assert.That(checker.Obstacles, Is.Empty);
        Assert.That(checker.Violations, Has.Count.GreaterThanOrEqualTo(1));
        Assert.That(checker.Violations[0].User, Is.EqualTo(user));
        Assert.That(checker.Violations[0].ToString(), Does.StartWith($"{Collections}(2): type {user} (floor 1, Collections) uses "));
        Assert.That(checker.Violations[0].ToString(), Does.Contain("(floor 2, Scheduling)"));
    }

    [Test]
    public void Check_UseOfALowerFloor_IsAllowed()
    {
        FloorChecker checker = Check(
            (Collections, "namespace Qi.Actors.Collections; class Ring { }"),
            (Scheduling, "using Qi.Actors.Collections; namespace Qi.Actors.Scheduling; class Dispatcher { Ring? _ring; }"));

        Assert.That(checker.Obstacles, Is.Empty);
        Assert.That(checker.Violations, Is.Empty);
    }

    [Test]
    public void Check_DocCommentPointsUpwards_IsAllowed()
    {
        FloorChecker checker = Check(
            (Collections, "/// <summary>See <see cref=\"Qi.Actors.Scheduling.Dispatcher\"/>.</summary>\nclass Ring { }"),
            (Scheduling, "namespace Qi.Actors.Scheduling; class Dispatcher { }"));

        Assert.That(checker.Violations, Is.Empty);
    }

    [Test]
    public void Check_AnotherRoomOfTheSameFloor_IsFound()
    {
        FloorChecker checker = Check(
            ("src/Qi.Actors/Mailboxes/Mailbox.cs", "class Mailbox { Coroutine? _waiter; }"),
            ("src/Qi.Actors/Coroutines/Coroutine.cs", "class Coroutine { }"));

        Assert.That(checker.Violations, Has.Count.EqualTo(1));
    }

    [Test]
    public void Check_PartialTypeSpreadOverRooms_CountsAsItsHighest()
    {
        FloorChecker checker = Check(
            ("src/Qi.Actors/Collections/Low.cs", "partial class Split { public static int A; } class Low { int B => Split.A; }"),
            ("src/Qi.Actors/Actors/High.cs", "partial class Split { }"));

        Assert.That(checker.Violations.Select(found => found.Used), Is.EqualTo(new[] { "Split" }));
    }

    [TestCase("src/Qi.Actors/Attic/Thing.cs", "class Thing { }", "in no room")]
    [TestCase("src/Qi.Actors/Loose.cs", "class Loose { }", "in no room")]
    [TestCase("src/Qi.Actors/Actors/Thing.cs", "class Thing { Missing? _field; }", "CS0246")]
    [TestCase("src/Qi.Actors/Actors/Thing.cs", "class Thing { int }", "CS1519")]
    public void Check_SourceThatHidesSomething_IsAnObstacle(string path, string text, string expected)
        => Assert.That(Check((path, text)).Obstacles, Has.One.Contains(expected));

    private static FloorChecker Check(params (string Path, string Text)[] files)
        => FloorChecker.Check(files.Select(file => new RepositoryFile(file.Path, file.Text)));
}
