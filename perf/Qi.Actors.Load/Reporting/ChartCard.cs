using Qi.Actors.Load.Measuring;
using Qi.Actors.Workloads;

namespace Qi.Actors.Load.Reporting;

/// <summary>The card of one workload: its name, what Qi is by the best peer, and a bar for each contender.</summary>
internal sealed class ChartCard(Comparison comparison, double scale, double width)
{
    private const double Padding = 18;
    private const double TitleHeight = 62;
    private const double RowHeight = 20;
    private const double BarHeight = 13;
    private const double NamesWidth = 186;
    private const double RatioWidth = 66;
    private const double TimeWidth = 66;
    private const double BytesWidth = 58;
    private const double Notch = 5;

    public double Height => TitleHeight + (comparison.Series.Count * RowHeight) + Padding - 4;

    private bool HasBytes { get; } = comparison.Series.Any(series => series.BytesPerUnit is not null);

    private double BarsWidth => width - (2 * Padding) - NamesWidth - RatioWidth - TimeWidth - BytesWidth;

    public void Draw(SvgWriter svg, double x, double y)
    {
        svg.Rectangle(x, y, width, Height, 10, Palette.Card, Palette.Edge);
        DrawTitle(svg, x, y);
        double start = x + Padding + NamesWidth;
        double top = y + TitleHeight;
        foreach (var series in comparison.Series)
        {
            DrawBar(svg, series, start, top);
            top += RowHeight;
        }

        if (comparison.BestPeer is not null)
        {
            double one = start + (BarsWidth / scale);
            svg.Dashes(one, y + TitleHeight - 5, top + 3, Palette.Line);
        }
    }

    private void DrawTitle(SvgWriter svg, double x, double y)
    {
        var workload = comparison.Workload;
        svg.Text(x + Padding, y + 28, workload.Name, 15, Palette.Ink, weight: 700);
        string what = workload.Gauge == Gauge.Latency ? ", median lateness" : "";
        svg.Text(x + Padding, y + 46, $"{Figures.Count(comparison.Size)} {Figures.Plural(workload.Operation)}{what}", 11.5, Palette.Quiet);
        if (comparison is not { Qi: { } qi, BestPeer: { } best, Ratio: { } ratio })
            return;
        string doubt = comparison.IsDoubtful ? "~ " : "";
        svg.Text(x + width - Padding, y + 28, $"{doubt}{Figures.Ratio(ratio)} ×", 17, ratio >= 1 ? Palette.Qi : Palette.Behind, weight: 700, isEnd: true);
        string noise = comparison.IsDoubtful ? "; too noisy to tell" : "";
        svg.Text(x + width - Padding, y + 46, $"{qi.Contender.Name} against {best.Contender.Name}{noise}", 11.5, Palette.Quiet, isEnd: true);
    }

    private void DrawBar(SvgWriter svg, Series series, double start, double top)
    {
        double middle = top + (RowHeight / 2);
        string name = series.Contender.Name;
        svg.Text(start - 10, middle + 4, series.IsComparable ? name : name + " *", 12, Palette.Ink, weight: series.Contender.IsQi ? 600 : 400, isEnd: true);
        double? ratio = comparison.RatioOf(series);
        if ((ratio ?? (comparison.BestPeer is null ? 1 : null)) is { } speed)
            DrawSpeed(svg, series, speed, start, middle);

        double end = start + BarsWidth + RatioWidth + (HasBytes ? 0 : BytesWidth);
        if (ratio is not null)
            svg.Text(end, middle + 4, $"{Figures.Ratio(ratio.Value)} ×", 11.5, Palette.Ink, isEnd: true);
        svg.Text(end + TimeWidth, middle + 4, Figures.Time(series.Median), 11.5, Palette.Quiet, isEnd: true);
        if (series.BytesPerUnit is { } bytes)
            svg.Text(end + TimeWidth + BytesWidth, middle + 4, $"{Figures.Short(Math.Round(bytes))} B", 11.5, Palette.Quiet, isEnd: true);
    }

    private void DrawSpeed(SvgWriter svg, Series series, double ratio, double start, double middle)
    {
        double length = Math.Max(2, BarsWidth * Math.Min(ratio, scale) / scale);
        double top = middle - (BarHeight / 2);
        svg.Rectangle(start, top, length, BarHeight, 3, Palette.ColourOf(series.Contender.Name), opacity: series.IsComparable ? 1 : 0.45);
        if (ratio > scale)
            svg.Slash(start + length - (4 * Notch), top - 1, Notch, BarHeight + 2, Palette.Card);
    }
}
