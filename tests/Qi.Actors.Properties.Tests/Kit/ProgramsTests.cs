using FsCheck;

namespace Qi.Actors.Properties.Tests.Kit;

/// <summary>The kit itself: a planted bug is found, shrunk and found again by its seed.</summary>
internal sealed class ProgramsTests
{
    private static readonly Gen<Step<Counter>> s_steps = Steps.Of(
        (3, Steps.With<Counter>(20, number => new Add(number))),
        (1, Steps.Just<Counter>(new Reset())));

    [Test]
    public void Find_OfACorrectSubject_FindsNothing()
        => Assert.That(Programs.Find(() => new Counter(losesFrom: int.MaxValue), s_steps, counter => Expect.Equal(counter.Sum, counter.Model), 200, 50, null), Is.Null);

    [Test]
    public void Find_OfABug_ShrinksTheProgramToItsCause()
    {
        string? found = Programs.Find(() => new Counter(losesFrom: 10), s_steps, null, 500, 50, null);

        Assert.That(found, Does.Contain("Shrunk").And.Contain("it has 1:").And.Contain("Add(10)").And.Contain("Step 1, Add(10): sum is 0, not 10"));
        Assert.That(found, Does.Contain($"{Replay.Variable}=").And.Contain("--filter \"FullyQualifiedName~ProgramsTests.Find_OfABug_ShrinksTheProgramToItsCause\""));
        Assert.That(found, Does.Not.Contain("Reset()"));
    }

    [Test]
    public void Find_WithTheSeedOfAFailure_FailsInItsFirstProgram()
    {
        string found = Programs.Find(() => new Counter(losesFrom: 10), s_steps, null, 500, 50, null)!;
        string seed = found[(found.IndexOf("Seed ", StringComparison.Ordinal) + 5)..found.IndexOf(". Again with", StringComparison.Ordinal)];

        string? again = Programs.Find(() => new Counter(losesFrom: 10), s_steps, null, 500, 50, seed);

        Assert.That(again, Does.Contain("found by program 1,"));
        Assert.That(StepsOf(again!), Is.EqualTo(StepsOf(found)));
    }

    [Test]
    public void Find_OfADifferenceInTheEnd_IsAFailureToo()
        => Assert.That(
            Programs.Find(() => new Counter(losesFrom: 100), s_steps, _ => throw new MismatchException("no end"), 10, 50, null),
            Does.Contain("it has 0:").And.Contain("After the last step: no end"));

    [TestCase("1,2")]
    [TestCase("a,b,c")]
    public void Parse_OfSomethingElse_SaysWhatItMustBe(string text)
        => Assert.That(() => Replay.Parse(text), Throws.TypeOf<FormatException>().With.Message.Contains(Replay.Variable));

    private static string StepsOf(string message) => message[message.IndexOf("it has", StringComparison.Ordinal)..];

    private sealed class Counter(int losesFrom)
    {
        public int Model { get; set; }

        public int Sum { get; private set; }

        public void Add(int number) => Sum += number < losesFrom ? number : 0;

        public void Reset() => Sum = 0;
    }

    private sealed record Add(int Number) : Step<Counter>
    {
        public override void Run(Counter subject)
        {
            subject.Add(Number);
            subject.Model += Number;
            Expect.Equal(subject.Sum, subject.Model, "sum");
        }
    }

    private sealed record Reset : Step<Counter>
    {
        public override void Run(Counter subject)
        {
            subject.Reset();
            subject.Model = 0;
        }
    }
}
