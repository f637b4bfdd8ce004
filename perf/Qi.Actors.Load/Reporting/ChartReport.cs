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
    private const double HeaderHeight = 118;
    private const double LargestScale = 5;
    private const double SmallestScale = 1.5;

    public static string Of(CompareOptions options, IReadOnlyList<Comparison> comparisons)
    {
        Comparison[] shown = [.. comparisons.Where(comparison => comparison.Series.Count > 0)];
        double scale = Scale(shown);
        double cardWidth = (Width - (2 * Margin) - Gap) / 2;
        double[] bottoms = [HeaderHeight, HeaderHeight];
        var svg = new SvgWriter();
        foreach (var comparison in shown)
        {
            int column = bottoms[0] <= bottoms[1] ? 0 : 1;
            var card = new ChartCard(comparison, scale, cardWidth);
            card.Draw(svg, Margin + (column * (cardWidth + Gap)), bottoms[column]);
            bottoms[column] += card.Height + Gap;
        }

        DrawHeader(svg, options, shown);
        return svg.ToDocument(Width, Math.Max(bottoms.Max(), HeaderHeight) + Margin - Gap, Palette.Page);
    }

    private static double Scale(Comparison[] comparisons)
    {
        double[] ratios = [.. comparisons.SelectMany(comparison => comparison.Series.Select(series => comparison.RatioOf(series) ?? 1))];
        return ratios.Length == 0 ? SmallestScale : Math.Clamp(ratios.Max(), SmallestScale, LargestScale);
    }

    private static void DrawHeader(SvgWriter svg, CompareOptions options, Comparison[] comparisons)
    {
        svg.Text(Margin, 46, "Speed by the best peer", 24, Palette.Ink, weight: 700);
        svg.Text(
            Margin,
            70,
            $"Longer is better; the dashed line is the fastest contender that is not Qi. Medians of {options.Rounds} interleaved rounds, "
            + $"{Environment.ProcessorCount} processors, .NET {Environment.Version}{(options.IsQuick ? "; a quick look, not a measurement" : "")}.",
            13,
            Palette.Quiet);

        double x = Margin;
        foreach (string name in comparisons.SelectMany(comparison => comparison.Series).Select(series => series.Contender.Name).Distinct(StringComparer.Ordinal))
        {
            svg.Rectangle(x, 88, 12, 12, 3, Palette.ColourOf(name));
            svg.Text(x + 17, 98.5, name, 12, Palette.Ink);
            x += 36 + SvgWriter.WidthOf(name, 12);
        }
    }
}
