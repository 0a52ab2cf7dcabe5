"""What is counted of many runs, in a form that can be added up and stored in few bytes. Plain Python."""

from monitors.figures.histograms import Histogram
from monitors.figures.tallies import Figures, RequestFigures, Tally, columns_of, request_key

__all__ = ["Figures", "Histogram", "RequestFigures", "Tally", "columns_of", "request_key"]
