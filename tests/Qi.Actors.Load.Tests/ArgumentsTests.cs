namespace Qi.Actors.Load.Tests;

internal sealed class ArgumentsTests
{
    [Test]
    public void Options_Default_AreAFullMeasurement()
    {
        var options = Specimen.Options();

        Assert.That((options.Rounds, options.Size, options.IsQuick), Is.EqualTo((5, 1.0, false)));
        Assert.That(options.WarmUp, Is.EqualTo(TimeSpan.FromMilliseconds(700)));
        Assert.That(options.Workloads, Has.Count.EqualTo(Workloads.Catalogue.All.Count));
    }

    [Test]
    public void Options_Quick_AreALook()
    {
        var options = Specimen.Options("--workloads", "tell,ring", "--quick", "--rounds", "1");

        Assert.That((options.Rounds, options.Size, options.IsQuick), Is.EqualTo((1, 0.05, true)));
        Assert.That(options.Workloads.Select(workload => workload.Name), Is.EquivalentTo(new[] { "tell", "ring" }));
    }

    [Test]
    public void Options_WorkloadsWithAStar_AreAllThatBeginSo()
        => Assert.That(Specimen.Options("--workloads", "wake-*,tell").Workloads, Has.Count.EqualTo(4));

    [TestCase("no workload 'sing*'", "tell", "--workloads", "tell,sing*")]
    [TestCase("--rounds is 4", "--quick", "--rounds", "4")]
    [TestCase("--rounds is 'few'", "whole number", "--rounds", "few")]
    [TestCase("--size is '0'", "such as 0.1", "--size", "0")]
    [TestCase("no workload 'sing'", "tell", "--workloads", "sing")]
    [TestCase("--json is 'no/such/file'", "folder that exists", "--json", "no/such/file")]
    [TestCase("--peers-folder is 'nowhere'", "perf/peers/build.sh", "--peers-folder", "nowhere")]
    [TestCase("--rounds has no value", "--name value", "--rounds")]
    [TestCase("no option --round", "--rounds", "--round", "5")]
    [TestCase("'tell' is not understood", "--name value", "tell")]
    public void Options_Wrong_AreExplainedWithARemedy(string what, string remedy, params string[] args)
        => Assert.That(() => Specimen.Options(args), Throws.TypeOf<UsageException>().With.Message.Contains(what).And.Message.Contains(remedy));
}
