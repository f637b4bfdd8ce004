// The picture: a card for each workload, cards in two columns, each new card under the shorter column. A bar's length is the speed by
// the best peer's, on one scale for all cards, so that the dashed line at 1 stands in the same place everywhere: what passes it is
// faster than every peer. Speeds beyond the scale are cut, with a notch, and told in figures.

using Qi.Actors.Load.Measuring;

namespace Qi.Actors.Load.Reporting;

/// <summary>The comparisons as a picture in SVG.</summary>
internal static class ChartReport
{
    private const double Width = 1240;
    private const double Margin = 32;
    private const double Gap = 20;
    private const double HeaderHeight = 94;
    private const double LegendHeight = 22;
    private const double LargestScale = 4;
    private const double SmallestScale = 1.5;

    public static string Of(CompareOptions options, IReadOnlyList<Comparison> comparisons)
    {
        Comparison[] shown = [.. comparisons.Where(comparison => comparison.Series.Count > 0)];
        double scale = Scale(shown);
        double cardWidth = (Width - (2 * Margin) - Gap) / 2;
        var svg = new SvgWriter();
        DrawHeader(svg, options, shown);
        double top = DrawLegend(svg, shown) + LegendHeight;
        double[] bottoms = [top, top];
        foreach (var comparison in shown)
        {
            int column = bottoms[0] <= bottoms[1] ? 0 : 1;
            var card = new ChartCard(comparison, scale, cardWidth);
            card.Draw(svg, Margin + (column * (cardWidth + Gap)), bottoms[column]);
            bottoms[column] += card.Height + Gap;
        }

        return svg.ToDocument(Width, bottoms.Max() + Margin - Gap, Palette.Page);
    }

    private static double Scale(Comparison[] comparisons)
    {
        double[] ratios = [.. comparisons.SelectMany(comparison => comparison.Series.Where(series => series.IsComparable).Select(series => comparison.RatioOf(series) ?? 1))];
        return ratios.Length == 0 ? SmallestScale : Math.Clamp(ratios.Max(), SmallestScale, LargestScale);
    }

    private static void DrawHeader(SvgWriter svg, CompareOptions options, Comparison[] comparisons)
    {
        svg.Text(Margin, 46, "Speed against the best peer", 24, Palette.Ink, weight: 700);
        svg.Text(
            Margin,
            70,
            $"Longer is better; the dashed line is the fastest contender that is not Qi. Medians of {options.Rounds} interleaved rounds, "
            + $"{Environment.ProcessorCount} processors, .NET {Environment.Version}{(options.IsQuick ? "; a quick look, not a measurement" : "")}.",
            13,
            Palette.Quiet);
    }

    // As many lines as the names need. Returns where it ends.
    private static double DrawLegend(SvgWriter svg, Comparison[] comparisons)
    {
        var names = comparisons
            .SelectMany(comparison => comparison.Series)
            .Where(series => series.IsComparable)
            .Select(series => series.Contender.Name)
            .Distinct(StringComparer.Ordinal)
            .OrderBy(Palette.RankOf);
        double x = Margin;
        double y = HeaderHeight;
        foreach (string name in names)
        {
            double width = 40 + SvgWriter.WidthOf(name, 12);
            if (x + width > Width - Margin)
            {
                x = Margin;
                y += LegendHeight;
            }

            svg.Rectangle(x, y - 10.5, 12, 12, 3, Palette.ColourOf(name));
            svg.Text(x + 18, y, name, 12, Palette.Ink);
            x += width;
        }

        if (comparisons.Any(comparison => comparison.Series.Any(series => !series.IsComparable)))
            svg.Text(Width - Margin, y, "* promises less than the others", 12, Palette.Quiet, isEnd: true);
        return y;
    }
}
