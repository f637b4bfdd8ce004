namespace Qi.Actors.Samples.Tests;

internal sealed class BankLoadTests
{
    [TestCase("--transfers", "20000")]
    [TestCase("--transfers", "20000", "--accounts", "2", "--clients", "8")]
    [TestCase("--transfers=1", "--clients=100")]
    public async Task Load_Run_BooksAreRight(params string[] args)
    {
        var result = await SampleProcess.RunAsync("Bank", args);

        Assert.That(result.ExitCode, Is.Zero, result.ToString());
        Assert.That(result.Output, Does.Contain("transfers/s").And.Contain("conserved to the cent").And.Not.Contain("WRONG"));
    }

    [TestCase("no argument '--transfer'", "--transfer", "5")]
    [TestCase("--transfers needs a value", "--transfers")]
    [TestCase("--transfers is 'many'", "--transfers", "many")]
    [TestCase("--transfers is '0'", "--transfers", "0")]
    [TestCase("--transfers is given twice", "--transfers", "1", "--transfers=2")]
    [TestCase("--accounts is '1'", "--transfers", "1", "--accounts", "1")]
    [TestCase("give --transfers too", "--clients", "5")]
    [TestCase("leave --transfers out", "--transfers", "1", "--urls", "http://127.0.0.1:0")]
    [TestCase("--urls is 'here'", "--urls", "here")]
    public async Task Arguments_Wrong_AreExplained(string message, params string[] args)
    {
        var result = await SampleProcess.RunAsync("Bank", args);

        Assert.That(result.ExitCode, Is.EqualTo(2), result.ToString());
        Assert.That(result.Errors, Does.Contain(message).And.Contain("--help"));
    }

    [Test]
    public async Task Help_Asked_ListsTheArguments()
    {
        var result = await SampleProcess.RunAsync("Bank", "--help");

        Assert.That(result.ExitCode, Is.Zero, result.ToString());
        Assert.That(result.Output, Does.Contain("--transfers").And.Contain("--urls").And.Contain("POST /transfers"));
    }
}
