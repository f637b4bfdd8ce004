using System.Text.Json;
using System.Xml.Linq;

using Qi.Actors.Load.Contenders;
using Qi.Actors.Load.Measuring;
using Qi.Actors.Load.Reporting;

namespace Qi.Actors.Load.Tests.Reporting;

internal sealed class ReportTests
{
    private static readonly Comparison s_clear = Specimen.Compare(
        Specimen.Series("Qi", 20, 20, 20), Specimen.Series("Go & co", 50, 50, 50), Specimen.Series("Cheap*", 1, 1, 1));

    private static readonly Comparison s_noisy = Specimen.Compare(Specimen.Series("Qi", 20, 50, 90), Specimen.Series("Go", 20, 50, 90));

    [Test]
    public void Table_Clear_NamesTheBestPeer()
    {
        string text = Table(s_clear);

        Assert.That(text, Does.Contain("specimen: 10 leaves a round"));
        Assert.That(text, Does.Contain("Qi is 2.50 × the best peer, Go & co."));
        Assert.That(text, Does.Contain("Cheap *").And.Contain("never the best peer"));
        Assert.That(text, Does.Not.Contain("noisy"));
    }

    [Test]
    public void Table_Noisy_SaysSoAtTheEnd()
        => Assert.That(Table(s_noisy), Does.Contain("who is faster cannot be said").And.Contain("too noisy to tell: specimen"));

    [Test]
    public void Table_BytesEach_AreComparedBesideTheTime()
        => Assert.That(
            Table(Specimen.Compare(
                Specimen.Series(Specimen.Workload, "Qi", new Reply { Ns = 10, BytesPerUnit = 124 }),
                Specimen.Series(Specimen.Workload, "Go", new Reply { Ns = 1, BytesPerUnit = 2839 }),
                Specimen.Series(Specimen.Workload, "Tokio", new Reply { Ns = 2, BytesPerUnit = 621 }))),
            Does.Contain("In bytes: Qi 124, the best peer, Tokio, 621."));

    [Test]
    public void Table_Failure_IsTold()
        => Assert.That(
            Table(s_clear with { Failures = ["Erlang, run tell 5: it ended with exit code 1."] }),
            Does.Contain("FAIL: Erlang, run tell 5").And.Contain("FAIL: 1 failures"));

    [Test]
    public void Json_HasEachRound()
    {
        using var json = JsonDocument.Parse(JsonReport.Of(Specimen.Options("--quick"), [s_clear]));
        var workload = json.RootElement.GetProperty("workloads")[0];
        var qi = workload.GetProperty("contenders")[0];

        Assert.That(workload.GetProperty("bestPeer").GetString(), Is.EqualTo("Go & co"));
        Assert.That(workload.GetProperty("ratio").GetDouble(), Is.EqualTo(2.5));
        Assert.That(qi.GetProperty("medianNs").GetDouble(), Is.EqualTo(20));
        Assert.That(qi.GetProperty("rounds").GetArrayLength(), Is.EqualTo(3));
    }

    [Test]
    public void Chart_IsXml_WithABarForEachContender()
    {
        var svg = XDocument.Parse(ChartReport.Of(Specimen.Options(), [s_clear, s_noisy]));
        string[] texts = [.. svg.Descendants().Where(element => element.Name.LocalName == "text").Select(element => element.Value)];

        Assert.That(texts, Does.Contain("Go & co").And.Contain("Cheap *").And.Contain("2.50 ×").And.Contain("~ 1.00 ×"));
    }

    [Test]
    public void Chart_OfNothing_IsXmlToo()
        => Assert.That(() => XDocument.Parse(ChartReport.Of(Specimen.Options(), [])), Throws.Nothing);

    [TestCase(0.1234, "0.12")]
    [TestCase(12.34, "12.3")]
    [TestCase(99.96, "100")]
    [TestCase(12345.6, "12,346")]
    public void Figures_Short_HasThreeDigitsThatCount(double value, string text)
        => Assert.That(Figures.Short(value), Is.EqualTo(text));

    [TestCase(12.3, "12.3 ns")]
    [TestCase(12_300, "12.3 µs")]
    [TestCase(12_300_000, "12.3 ms")]
    [TestCase(-1_230_000, "-1.23 ms")]
    public void Figures_Time_HasAUnit(double ns, string text)
        => Assert.That(Figures.Time(ns), Is.EqualTo(text));

    private static string Table(Comparison comparison)
    {
        using var writer = new StringWriter();
        var report = new TableReport(writer);
        report.Begin(Specimen.Options(), []);
        report.Add(comparison);
        report.End([comparison]);
        return writer.ToString();
    }
}
